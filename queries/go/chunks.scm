; Definitions of Go. See docs/languages.md.

(function_declaration name: (identifier) @name body: (block)? @body) @chunk.function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @qualifier
    (generic_type type: (type_identifier) @qualifier)
    (pointer_type (type_identifier) @qualifier)
    (pointer_type (generic_type type: (type_identifier) @qualifier))
  ]))
  name: (field_identifier) @name
  body: (block)? @body) @chunk.function
(method_elem name: (field_identifier) @name) @chunk.function

; a declaration of one is taken with its keyword
(type_declaration . (type_spec name: (_) @name) .) @chunk.type
(type_spec name: (_) @name) @chunk.type
(type_spec name: (_) @name type: (struct_type (field_declaration_list) @body)) @chunk.type
(type_declaration . (type_spec name: (_) @name type: (interface_type) @body) .) @chunk.interface
(type_spec name: (_) @name type: (interface_type) @body) @chunk.interface
(type_declaration . (type_alias name: (_) @name) .) @chunk.type
(type_alias name: (_) @name) @chunk.type

(const_declaration . (const_spec . name: (identifier) @name value: (_)? @body) .) @chunk.constant
(const_spec . name: (identifier) @name value: (_)? @body) @chunk.constant
(var_declaration . (var_spec . name: (identifier) @name value: (_)? @body) .) @chunk.constant
(var_spec . name: (identifier) @name value: (_)? @body) @chunk.constant
(var_declaration . (var_spec . name: (identifier) @name value: (expression_list . (func_literal body: (block) @body) .)) .) @chunk.function
(var_spec . name: (identifier) @name value: (expression_list . (func_literal body: (block) @body) .)) @chunk.function

(function_declaration
  name: (identifier) @name
  parameters: (parameter_list . (parameter_declaration type: (pointer_type [
    (type_identifier) @_handle
    (qualified_type name: (type_identifier) @_handle)
  ])) .)
  body: (block) @body
  (#match? @name "^(Test|Benchmark|Fuzz)([^a-z]|$)")
  (#match? @_handle "^[TBFM]$")) @chunk.test
(function_declaration name: (identifier) @name body: (block) @body (#match? @name "^Example([^a-z]|$)")) @chunk.test
(expression_statement (call_expression
  function: (selector_expression field: (field_identifier) @_run)
  arguments: (argument_list . [(interpreted_string_literal) (raw_string_literal)] @name . (func_literal body: (block) @body) .)
  (#eq? @_run "Run"))) @chunk.test

(comment) @lead
