; What only TypeScript binds or tells. See docs/languages.md.

(type_parameter name: (type_identifier) @local)
(type_parameter name: (type_identifier) @local constraint: (constraint (_) @type))
(required_parameter pattern: [(identifier) @local (rest_pattern (identifier) @local)] type: (type_annotation (_) @type))
(optional_parameter pattern: (identifier) @local type: (type_annotation (_) @type))
(required_parameter pattern: (identifier) @local value: (_) @value)
(required_parameter pattern: (object_pattern [(shorthand_property_identifier_pattern) @local @member
  (object_assignment_pattern left: (shorthand_property_identifier_pattern) @local @member)]) type: (type_annotation (_) @of))
(required_parameter pattern: (array_pattern) @pattern type: (type_annotation (_) @type))
(formal_parameters [(required_parameter pattern: (identifier) @local) (optional_parameter pattern: (identifier) @local)])
(arrow_function parameters: (formal_parameters [(required_parameter pattern: (identifier) @local) (optional_parameter pattern: (identifier) @local)])) @lambda
(function_expression parameters: (formal_parameters [(required_parameter pattern: (identifier) @local) (optional_parameter pattern: (identifier) @local)])) @lambda
(variable_declarator name: (identifier) @local type: (type_annotation (_) @type))
(variable_declarator type: (type_annotation (_) @type) value: (_) @expects)
(required_parameter type: (type_annotation (_) @type) value: (_) @expects)
(public_field_definition type: (type_annotation (_) @type) value: (_) @expects)
(arrow_function return_type: (type_annotation (_) @type) body: (_) @expects)
(function_declaration return_type: (type_annotation (_) @type) body: (statement_block (return_statement (_) @expects)))
(method_definition return_type: (type_annotation (_) @type) body: (statement_block (return_statement (_) @expects)))
(arrow_function return_type: (type_annotation (_) @type) body: (statement_block (return_statement (_) @expects)))
(as_expression (_) @expects (_) @type)
(satisfies_expression (_) @expects (_) @type)
(infer_type (type_identifier) @local)
(mapped_type_clause name: (type_identifier) @local)

(as_expression (_) (_) @type) @cast
(type_assertion (type_arguments (_) @type) (_)) @cast
(satisfies_expression . (_) @inner) @same
(non_null_expression (_) @inner) @same
