; Names that a function of Lua binds, and expressions whose type can be told. See docs/languages.md.

(parameters name: (identifier) @local)
(variable_declaration (variable_list name: (identifier) @local))
(variable_declaration (assignment_statement (variable_list name: (identifier) @local)))
(variable_declaration (assignment_statement (variable_list . name: (identifier) @local) (expression_list . value: (_) @value)))
(for_numeric_clause name: (identifier) @local)
(for_generic_clause (variable_list name: (identifier) @local))

(dot_index_expression table: (_) @object field: (identifier) @member) @access
(method_index_expression table: (_) @object method: (identifier) @member) @access
(bracket_index_expression table: (_) @object) @index
(function_call name: (_) @callee) @call
(parenthesized_expression (_) @inner) @same
((identifier) @self (#eq? @self "self"))
