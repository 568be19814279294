; Definitions that only C++ has. See docs/languages.md.

(class_specifier name: (_) @name body: (_) @body) @chunk.class
(struct_specifier name: (qualified_identifier) @name body: (_) @body) @chunk.type
(struct_specifier name: (template_type) @name body: (_) @body) @chunk.type
(namespace_definition name: (_) @name body: (_) @body) @chunk.module
(alias_declaration name: (type_identifier) @name) @chunk.type
(concept_definition name: (identifier) @name (_) @body .) @chunk.interface

; members, in their class and outside of it
(function_definition
  declarator: (function_declarator declarator: [
      (identifier) @name
      (field_identifier) @name
      (destructor_name) @name
      (operator_name) @name
      (qualified_identifier scope: [(namespace_identifier) @qualifier (template_type name: (_) @qualifier)] name: [(identifier) (destructor_name) (operator_name)] @name)
      (qualified_identifier name: (qualified_identifier scope: [(namespace_identifier) @qualifier (template_type name: (_) @qualifier)] name: [(identifier) (destructor_name) (operator_name)] @name))
    ])
  body: (_)? @body
  (#not-match? @name "^(TYPED_)?TEST(_[FP])?$")) @chunk.function
(function_definition
  declarator: (pointer_declarator declarator: (function_declarator declarator: [
      (identifier) @name
      (field_identifier) @name
      (destructor_name) @name
      (operator_name) @name
      (qualified_identifier scope: [(namespace_identifier) @qualifier (template_type name: (_) @qualifier)] name: [(identifier) (destructor_name) (operator_name)] @name)
      (qualified_identifier name: (qualified_identifier scope: [(namespace_identifier) @qualifier (template_type name: (_) @qualifier)] name: [(identifier) (destructor_name) (operator_name)] @name))
    ]))
  body: (_)? @body) @chunk.function
(function_definition
  declarator: (reference_declarator (function_declarator declarator: [
      (identifier) @name
      (field_identifier) @name
      (destructor_name) @name
      (operator_name) @name
      (qualified_identifier scope: [(namespace_identifier) @qualifier (template_type name: (_) @qualifier)] name: [(identifier) (destructor_name) (operator_name)] @name)
      (qualified_identifier name: (qualified_identifier scope: [(namespace_identifier) @qualifier (template_type name: (_) @qualifier)] name: [(identifier) (destructor_name) (operator_name)] @name))
    ]))
  body: (_)? @body) @chunk.function
(function_definition declarator: (operator_cast type: (_) @name) body: (_)? @body) @chunk.function
(declaration declarator: (function_declarator declarator: [(destructor_name) (operator_name)] @name)) @chunk.function
(declaration declarator: (reference_declarator (function_declarator declarator: [(identifier) (operator_name)] @name))) @chunk.function
(field_declaration
  declarator: [
    (function_declarator declarator: [(field_identifier) (operator_name)] @name)
    (pointer_declarator declarator: (function_declarator declarator: [(field_identifier) (operator_name)] @name))
    (reference_declarator (function_declarator declarator: [(field_identifier) (operator_name)] @name))
  ]) @chunk.function

(field_declaration
  (storage_class_specifier) @_static
  (type_qualifier) @_const
  declarator: (field_identifier) @name
  default_value: (_)? @body
  (#eq? @_static "static")
  (#any-of? @_const "const" "constexpr")) @chunk.constant
(declaration declarator: (init_declarator
  declarator: (qualified_identifier scope: [(namespace_identifier) @qualifier (template_type name: (_) @qualifier)] name: (identifier) @name)
  value: (_) @body)) @chunk.constant

(function_definition
  declarator: (function_declarator
    declarator: (identifier) @_macro
    parameters: (parameter_list . (parameter_declaration) . (parameter_declaration type: (_) @name) .))
  body: (_) @body
  (#match? @_macro "^(TYPED_)?TEST(_[FP])?$")) @chunk.test

(template_declaration "template" @lead parameters: (_) @lead)
(template_declaration (requires_clause) @lead)
