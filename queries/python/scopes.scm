; Names that a function of Python binds, and expressions whose type can be told. See docs/languages.md.

(parameters [(identifier) @local (list_splat_pattern (identifier) @local) (dictionary_splat_pattern (identifier) @local)])
(default_parameter name: (identifier) @local value: (_) @value)
(typed_parameter . (identifier) @local type: (type) @type)
(typed_parameter . [(list_splat_pattern (identifier) @local) (dictionary_splat_pattern (identifier) @local)])
(typed_default_parameter name: (identifier) @local type: (type) @type)
(lambda parameters: (lambda_parameters [(identifier) @local (default_parameter name: (identifier) @local)])) @lambda
(assignment left: (identifier) @local type: (type) @type)
(assignment left: (identifier) @local right: (_) @value)
(assignment left: [(pattern_list) (tuple_pattern) (list_pattern)] @pattern right: (_) @value)
(augmented_assignment left: (identifier) @local)
(named_expression name: (identifier) @local value: (_) @value)
(for_statement left: (identifier) @local right: (_) @element)
(for_statement left: [(pattern_list) (tuple_pattern)] @pattern right: (_) @element)
(for_in_clause left: (identifier) @local right: (_) @element)
(for_in_clause left: [(pattern_list) (tuple_pattern)] @pattern right: (_) @element)
(pattern_list [(identifier) @local (list_splat_pattern (identifier) @local)])
(tuple_pattern [(identifier) @local (list_splat_pattern (identifier) @local)])
(list_pattern (identifier) @local)
(with_item value: (as_pattern (_) @value alias: (as_pattern_target (identifier) @local)))
(except_clause value: (as_pattern (_) @type alias: (as_pattern_target (identifier) @local)))
(call function: (identifier) @_check arguments: (argument_list . (identifier) @local . (_) @type)
  (#eq? @_check "isinstance"))
(function_definition name: (identifier) @local)
(case_pattern (as_pattern (_) @type (identifier) @local))

[(function_definition) (lambda) (list_comprehension) (set_comprehension) (dictionary_comprehension) (generator_expression)] @scope

(attribute object: (_) @object attribute: (_) @member) @access
(subscript value: (_) @object) @index
(call function: (_) @callee) @call
(call function: (identifier) @_super (#eq? @_super "super")) @super
(call function: [(identifier) @_cast (attribute attribute: (identifier) @_cast)] arguments: (argument_list . (_) @type (_))
  (#eq? @_cast "cast")) @cast
(parenthesized_expression (_) @inner) @same
(await (_) @inner) @same
(conditional_expression . (_) @inner) @same
(conditional_expression (_) @inner .) @same
(boolean_operator left: (_) @inner) @same
(boolean_operator right: (_) @inner) @same
(binary_operator left: (_) @inner) @same
((identifier) @self (#any-of? @self "self" "cls"))
