; Names that a function of Zig binds, and expressions whose type can be told. See docs/languages.md.

(parameter name: (identifier) @local type: (_) @type)
(variable_declaration . (identifier) @local type: (_) @type)
(variable_declaration . (identifier) @local . (_) @value .)
(for_statement . (_) @element . (payload . (identifier) @local))
(payload (identifier) @local)

(field_expression object: (_) @object member: (identifier) @member) @access
(index_expression object: (_) @object) @index
(call_expression function: (_) @callee) @call
(struct_initializer . (_) @type) @construct
[(try_expression (_) @inner) (catch_expression . (_) @inner) (dereference_expression (_) @inner) (parenthesized_expression (_) @inner)] @same
((builtin_function (builtin_identifier) @_this) @self (#eq? @_this "@This"))
