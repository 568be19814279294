; Definitions of C#. See docs/languages.md.

(namespace_declaration name: (_) @name body: (_) @body) @chunk.module
(class_declaration name: (identifier) @name body: (_)? @body) @chunk.class
(record_declaration name: (identifier) @name body: (_)? @body) @chunk.class
(struct_declaration name: (identifier) @name body: (_)? @body) @chunk.type
(enum_declaration name: (identifier) @name body: (_)? @body) @chunk.type
(delegate_declaration name: (identifier) @name) @chunk.type
(interface_declaration name: (identifier) @name body: (_)? @body) @chunk.interface

(method_declaration name: (identifier) @name body: (_)? @body) @chunk.function
(local_function_statement name: (identifier) @name body: (_)? @body) @chunk.function
(constructor_declaration name: (identifier) @name body: (_)? @body) @chunk.function
(destructor_declaration name: (identifier) @name body: (_)? @body) @chunk.function
(operator_declaration operator: _ @name body: (_)? @body) @chunk.function
(conversion_operator_declaration type: (_) @name body: (_)? @body) @chunk.function
; a property that does something; any other is a field
(property_declaration name: (identifier) @name value: (arrow_expression_clause) @body) @chunk.function
(property_declaration name: (identifier) @name accessors: (accessor_list (accessor_declaration body: (_))) @body) @chunk.function
(indexer_declaration "this" @name accessors: (_) @body) @chunk.function
(indexer_declaration "this" @name value: (_) @body) @chunk.function

(field_declaration (modifier) @_const (variable_declaration (variable_declarator name: (identifier) @name . (_)? @body))
  (#eq? @_const "const")) @chunk.constant
(field_declaration
  (modifier) @_static
  (modifier) @_readonly
  (variable_declaration (variable_declarator name: (identifier) @name . (_)? @body))
  (#eq? @_static "static")
  (#eq? @_readonly "readonly")) @chunk.constant

(method_declaration
  (attribute_list (attribute name: [(identifier) @_attribute (qualified_name name: (identifier) @_attribute)]))
  name: (identifier) @name
  body: (_) @body
  (#match? @_attribute "^(Fact|Theory|Test|TestCase|TestCaseSource|TestMethod|DataTestMethod)$")) @chunk.test

(comment) @lead
