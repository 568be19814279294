; Definitions of Swift. See docs/languages.md.

(class_declaration declaration_kind: ["class" "actor"] name: (_) @name body: (_) @body) @chunk.class
(class_declaration declaration_kind: ["struct" "enum"] name: (_) @name body: (_) @body) @chunk.type
(class_declaration declaration_kind: "extension" name: (_) @name body: (_) @body) @chunk.impl
(class_declaration
  declaration_kind: "extension"
  name: (_) @name
  . (inheritance_specifier inherits_from: (_) @qualifier)
  body: (_) @body) @chunk.impl
(protocol_declaration name: (_) @name body: (_) @body) @chunk.interface
(typealias_declaration name: (type_identifier) @name) @chunk.type

(function_declaration "func" . name: _ @name body: (_)? @body) @chunk.function
(protocol_function_declaration "func" . name: _ @name) @chunk.function
(init_declaration name: "init" @name body: (_)? @body) @chunk.function
(deinit_declaration "deinit" @name body: (_) @body) @chunk.function
(subscript_declaration "subscript" @name (computed_property) @body) @chunk.function
(property_declaration name: (pattern bound_identifier: (simple_identifier) @name) computed_value: (_) @body) @chunk.function

(source_file (property_declaration name: (pattern bound_identifier: (simple_identifier) @name) value: (_)? @body) @chunk.constant)
(property_declaration
  (modifiers (property_modifier) @_static)
  (value_binding_pattern) @_let
  name: (pattern bound_identifier: (simple_identifier) @name)
  value: (_) @body
  (#eq? @_static "static")
  (#eq? @_let "let")) @chunk.constant

(class_declaration
  (inheritance_specifier (user_type (type_identifier) @_case))
  (class_body (function_declaration "func" . (simple_identifier) @name) @chunk.test)
  (#eq? @_case "XCTestCase")
  (#match? @name "^test"))
(function_declaration
  (modifiers (attribute (user_type (type_identifier) @_test)))
  "func" . (simple_identifier) @name
  (#eq? @_test "Test")) @chunk.test

[(comment) (multiline_comment)] @lead
