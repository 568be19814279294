; Names that a function of PHP binds, and expressions whose type can be told. See docs/languages.md.

(simple_parameter type: (_)? @type name: (variable_name) @local default_value: (_)? @value)
(variadic_parameter type: (_)? @type name: (variable_name) @local)
(property_promotion_parameter type: (_)? @type name: (variable_name) @local)
(assignment_expression left: (variable_name) @local right: (_) @value)
(list_literal (variable_name) @local)
(foreach_statement (_) @element . (variable_name) @local body: (_))
(foreach_statement (_) @element . (pair (_) (variable_name) @local) body: (_))
(foreach_statement (pair . (variable_name) @local) body: (_))
(catch_clause type: (type_list . (_) @type .) name: (variable_name) @local)
(binary_expression left: (variable_name) @local operator: "instanceof" right: [(name) (qualified_name)] @type)
(static_variable_declaration name: (variable_name) @local value: (_)? @value)

(member_access_expression object: (_) @object name: (name) @member) @access
(nullsafe_member_access_expression object: (_) @object name: (name) @member) @access
(member_call_expression object: (_) @object name: (name) @member) @call
(nullsafe_member_call_expression object: (_) @object name: (name) @member) @call
(scoped_call_expression scope: (_) @object name: (name) @member) @call
(scoped_property_access_expression scope: (_) @object name: (variable_name (name) @member)) @access
(class_constant_access_expression . (_) @object (name) @member) @access
(subscript_expression . (_) @object) @index
(function_call_expression function: (_) @callee) @call
(object_creation_expression [(name) (qualified_name)] @type) @construct
(cast_expression type: (_) @type) @cast
(parenthesized_expression (_) @inner) @same
(clone_expression (_) @inner) @same
((variable_name) @self (#eq? @self "$this"))
((relative_scope) @self (#any-of? @self "self" "static"))
((relative_scope) @super (#eq? @super "parent"))
