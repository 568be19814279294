; Uses of names in Elixir. See docs/languages.md.

(call target: (identifier) @reference.call)
(call target: (dot left: [(alias) (atom)] @receiver right: (identifier) @reference.method))
(call target: (dot left: (_) @receiver right: (identifier) @reference.field))
(binary_operator operator: "|>" right: (identifier) @reference.call)
(unary_operator operator: "&" operand: (binary_operator left: (identifier) @reference.call operator: "/"))
(alias) @reference.type
(identifier) @reference.value
