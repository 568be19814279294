; Names that a function of Swift binds, and expressions whose type can be told. See docs/languages.md.

(parameter name: (simple_identifier) @local [(user_type) (optional_type) (array_type) (dictionary_type) (tuple_type) (function_type) (opaque_type) (existential_type)] @type)
(lambda_parameter name: (simple_identifier) @local [(user_type) (optional_type) (array_type) (dictionary_type) (tuple_type) (function_type) (opaque_type) (existential_type)]? @type)
(type_parameter . (type_identifier) @local (_)? @type)
(property_declaration name: (pattern bound_identifier: (simple_identifier) @local) . (type_annotation (_) @type))
(property_declaration name: (pattern bound_identifier: (simple_identifier) @local) . value: (_) @value)
(if_statement bound_identifier: (simple_identifier) @local . "=" . (_) @value)
(guard_statement bound_identifier: (simple_identifier) @local . "=" . (_) @value)
(while_statement bound_identifier: (simple_identifier) @local . "=" . (_) @value)
(for_statement item: (pattern bound_identifier: (simple_identifier) @local) . (type_annotation (_) @type))
(for_statement item: (pattern bound_identifier: (simple_identifier) @local) collection: (_) @element)
(for_statement item: (pattern (pattern (simple_identifier) @local)))
(catch_block error: (pattern (pattern bound_identifier: (simple_identifier) @local) (user_type) @type))
(switch_pattern (pattern (pattern bound_identifier: (simple_identifier) @local)))

(navigation_expression target: (_) @object suffix: (navigation_suffix suffix: (simple_identifier) @member)) @access
(call_expression . (_) @callee) @call
(constructor_expression constructed_type: (_) @type) @construct
(as_expression [(user_type) (optional_type) (array_type) (dictionary_type) (tuple_type) (function_type) (opaque_type) (existential_type)] @type) @cast
(postfix_expression target: (_) @inner) @same
(try_expression expr: (_) @inner) @same
(await_expression expr: (_) @inner) @same
(self_expression) @self
(super_expression) @super
