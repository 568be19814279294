; Names that a function of Go binds, and expressions whose type can be told. See docs/languages.md.

(parameter_declaration name: (identifier) @local type: (_) @type)
(variadic_parameter_declaration name: (identifier) @local type: (_) @type)
(type_parameter_declaration name: (identifier) @local type: (type_constraint . (_) @type .))
(var_spec name: (identifier) @local type: (_) @type)
(var_spec . name: (identifier) @local !type value: (expression_list . (_) @value))
(const_spec . name: (identifier) @local !type value: (expression_list . (_) @value))
; of several results the first name takes the first
(short_var_declaration left: (expression_list . (identifier) @local) right: (expression_list . (_) @value))
(short_var_declaration left: (expression_list . (_) . (identifier) @local) right: (expression_list . (_) . (_) @value))
(short_var_declaration left: (expression_list (_) (identifier) @local))
(range_clause left: (expression_list . (identifier) @local))
(range_clause left: (expression_list (_) . (identifier) @local) right: (_) @element)
(receive_statement left: (expression_list . (identifier) @local) right: (_) @value)
(type_switch_statement alias: (expression_list (identifier) @local) (type_case type: (_) @type))

(selector_expression operand: (_) @object field: (field_identifier) @member) @access
(index_expression operand: (_) @object) @index
(call_expression function: (_) @callee) @call
(composite_literal type: (_) @type) @construct
((call_expression function: (identifier) @_make arguments: (argument_list . (_) @type)) @construct (#any-of? @_make "make" "new"))
(type_conversion_expression type: (generic_type type: (_) @callee)) @call
(type_conversion_expression type: [(qualified_type) (pointer_type) (slice_type) (array_type) (map_type) (channel_type) (function_type)] @type) @cast
(type_assertion_expression type: (_) @type) @cast
(parenthesized_expression (_) @inner) @same
(unary_expression operator: ["&" "*" "<-"] operand: (_) @inner) @same
(slice_expression operand: (_) @inner) @same
