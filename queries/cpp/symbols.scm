; Names that only C++ has and that are no chunks of their own, and types as they are written. See docs/languages.md.

(field_declaration type: (_) @type declarator: (reference_declarator (field_identifier) @field))
(base_class_clause [(type_identifier) (qualified_identifier) (template_type)] @base)
(alias_declaration name: (_) @typed type: (_) @type)
(function_definition
  type: (_) @type
  declarator: [
    (function_declarator declarator: [(identifier) @typed (field_identifier) @typed (operator_name) @typed (qualified_identifier name: [(identifier) @typed (operator_name) @typed (qualified_identifier name: [(identifier) (operator_name)] @typed)])])
    (pointer_declarator declarator: (function_declarator declarator: [(identifier) @typed (field_identifier) @typed (operator_name) @typed (qualified_identifier name: [(identifier) @typed (operator_name) @typed (qualified_identifier name: [(identifier) (operator_name)] @typed)])]))
    (reference_declarator (function_declarator declarator: [(identifier) @typed (field_identifier) @typed (operator_name) @typed (qualified_identifier name: [(identifier) @typed (operator_name) @typed (qualified_identifier name: [(identifier) (operator_name)] @typed)])]))
  ])
(declaration type: (_) @type declarator: (reference_declarator (function_declarator declarator: (_) @typed)))
(declaration type: (_) @type declarator: (init_declarator declarator: (qualified_identifier name: (identifier) @typed)))
(field_declaration
  type: (_) @type
  declarator: [
    (function_declarator declarator: [(field_identifier) (operator_name)] @typed)
    (pointer_declarator declarator: (function_declarator declarator: [(field_identifier) (operator_name)] @typed))
    (reference_declarator (function_declarator declarator: [(field_identifier) (operator_name)] @typed))
  ])
