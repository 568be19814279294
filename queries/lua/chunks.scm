; Definitions of Lua: functions belong to the table that they are put into. See docs/languages.md.

(function_declaration name: (identifier) @name body: (_)? @body) @chunk.function
(function_declaration name: (dot_index_expression table: (_) @qualifier field: (identifier) @name) body: (_)? @body) @chunk.function
(function_declaration name: (method_index_expression table: (_) @qualifier method: (identifier) @name) body: (_)? @body) @chunk.function
(assignment_statement (variable_list . name: (identifier) @name) (expression_list . value: (function_definition body: (_)? @body))) @chunk.function
(assignment_statement (variable_list . name: (dot_index_expression table: (_) @qualifier field: (identifier) @name)) (expression_list . value: (function_definition body: (_)? @body))) @chunk.function
(variable_declaration (assignment_statement (variable_list . name: (identifier) @name) (expression_list . value: (function_definition body: (_)? @body)))) @chunk.function
(field name: (identifier) @name value: (function_definition body: (_)? @body)) @chunk.function

(chunk (variable_declaration (assignment_statement (variable_list . name: (identifier) @name) (expression_list . value: (_) @body))) @chunk.constant
  (#not-match? @body "^require\\b"))
(chunk (assignment_statement (variable_list . name: (identifier) @name) (expression_list . value: (_) @body)) @chunk.constant)
(chunk (assignment_statement (variable_list . name: (dot_index_expression table: (_) @qualifier field: (identifier) @name)) (expression_list . value: (_) @body)) @chunk.constant)

(function_call name: (identifier) @_runner arguments: (arguments . (string) @name . (function_definition body: (_)? @body))
  (#any-of? @_runner "describe" "context" "it" "test" "insulate" "expose")) @chunk.test

((comment) @lead (#not-match? @lead "^#!"))
