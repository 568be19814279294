; Definitions of Scala. See docs/languages.md.

(class_definition name: (identifier) @name body: (_)? @body) @chunk.class
(object_definition name: (identifier) @name body: (_)? @body) @chunk.class
(trait_definition name: (identifier) @name body: (_)? @body) @chunk.interface
(enum_definition name: (identifier) @name body: (_)? @body) @chunk.type
(type_definition name: (type_identifier) @name) @chunk.type
(package_object name: (identifier) @name body: (_) @body) @chunk.module

(function_definition name: (_) @name body: (_)? @body) @chunk.function
(function_declaration name: (_) @name) @chunk.function
; of another type
(extension_definition
  parameters: (parameters (parameter type: [(type_identifier) @qualifier (generic_type type: (type_identifier) @qualifier)]))
  body: (function_definition name: (_) @name body: (_) @body) @chunk.function)

(compilation_unit (val_definition pattern: (identifier) @name value: (_) @body) @chunk.constant)
(compilation_unit (var_definition pattern: (identifier) @name value: (_) @body) @chunk.constant)
(object_definition body: (template_body (val_definition pattern: (identifier) @name value: (_) @body) @chunk.constant))
(object_definition body: (template_body (var_definition pattern: (identifier) @name value: (_) @body) @chunk.constant))
(given_definition name: (identifier) @name body: (_) @body) @chunk.constant

(function_definition
  (annotation name: (type_identifier) @_annotation)
  name: (_) @name
  body: (_) @body
  (#eq? @_annotation "Test")) @chunk.test
(call_expression
  function: (call_expression function: (identifier) @_test arguments: (arguments . (string) @name))
  arguments: (block) @body
  (#any-of? @_test "test" "describe" "it")) @chunk.test

[(block_comment) (comment)] @lead
