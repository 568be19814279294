; Names in Lua that are no chunks of their own. See docs/languages.md.

(chunk (variable_declaration (assignment_statement (variable_list . name: (identifier) @typed) (expression_list . value: (_) @value))))
(chunk (assignment_statement (variable_list . name: (dot_index_expression field: (identifier) @typed)) (expression_list . value: (_) @value)))
