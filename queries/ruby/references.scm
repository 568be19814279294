; Uses of names in Ruby. A bare name may be a variable or a call without arguments. See docs/languages.md.

(call !receiver method: [(identifier) (constant)] @reference.call)
(call receiver: (_) @receiver method: [(identifier) (constant)] @reference.method)
(scope_resolution scope: (_) @qualifier name: (constant) @reference.type)
((constant) @reference.type (#match? @reference.type "[a-z]"))
(constant) @reference.value
[(instance_variable) (class_variable)] @reference.field
; a method is named by its symbol: `before_action :check`, `map(&:name)`
(argument_list (simple_symbol) @reference.value)
(block_argument (simple_symbol) @reference.value)
(identifier) @reference.value
(global_variable) @reference.value
