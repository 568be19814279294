; Names that a method of Ruby binds, and expressions whose type can be told. See docs/languages.md.

(method_parameters [(identifier) @local (_ name: (identifier) @local)])
(block_parameters [(identifier) @local (_ name: (identifier) @local)])
(lambda_parameters [(identifier) @local (_ name: (identifier) @local)])
(destructured_parameter (identifier) @local)
(optional_parameter name: (identifier) @local value: (_) @value)
(assignment left: (identifier) @local right: (_) @value)
(operator_assignment left: (identifier) @local right: (_) @value)
(left_assignment_list (identifier) @local)
(destructured_left_assignment (identifier) @local)
(rest_assignment (identifier) @local)
(for pattern: (identifier) @local value: (in (_) @element))
(call receiver: (_) @element method: (identifier) @_each block: [(block parameters: (block_parameters . (identifier) @local .)) (do_block parameters: (block_parameters . (identifier) @local .))]
  (#any-of? @_each "each" "map" "flat_map" "select" "filter" "reject" "find" "detect" "all?" "any?" "none?" "sort_by" "group_by" "sum" "each_with_index" "filter_map" "partition" "min_by" "max_by" "find_all" "to_h"))
(rescue exceptions: (exceptions . (_) @type .) variable: (exception_variable (identifier) @local))
(exception_variable (identifier) @local)

(call receiver: (_) @object method: (identifier) @member) @call
(element_reference object: (_) @object) @index
(call !receiver method: (identifier) @callee) @call
(call receiver: [(constant) (scope_resolution)] @type method: (identifier) @_new (#eq? @_new "new")) @construct
(parenthesized_statements . (_) @inner .) @same
(self) @self
(super) @super
