; Uses of names in Lua. See docs/languages.md.

(function_call name: (identifier) @reference.call)
(function_call name: (dot_index_expression table: (_) @receiver field: (identifier) @reference.method))
(function_call name: (method_index_expression table: (_) @receiver method: (identifier) @reference.method))
(dot_index_expression table: (_) @receiver field: (identifier) @reference.field)
(identifier) @reference.value
