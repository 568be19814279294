; Names that a function of Kotlin binds, and expressions whose type can be told. See docs/languages.md.

(parameter . (identifier) @local . (_) @type)
(class_parameter (identifier) @local . (_) @type)
(type_parameter (identifier) @local . (_)? @type)
(property_declaration (variable_declaration . (identifier) @local . (_) @type))
(property_declaration (variable_declaration . (identifier) @local .) "=" . (_) @value)
(multi_variable_declaration (variable_declaration . (identifier) @local))
(for_statement . (variable_declaration . (identifier) @local . (_) @type))
(for_statement . (variable_declaration . (identifier) @local .) . (_) @element)
(when_subject (variable_declaration . (identifier) @local .) (_) @value .)
(catch_block . (identifier) @local . (_) @type)
(lambda_parameters (variable_declaration . (identifier) @local . (_)? @type))
(is_expression left: (identifier) @local right: (_) @type)

(navigation_expression (_) @object (identifier) @member .) @access
(index_expression . (_) @object) @index
(call_expression . (_) @callee) @call
(as_expression right: (_) @type) @cast
(parenthesized_expression (_) @inner) @same
(unary_expression argument: (_) @inner operator: "!!") @same
(binary_expression left: (_) @inner operator: "?:") @same
(this_expression) @self
(super_expression) @super
