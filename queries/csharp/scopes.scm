; Names that a function of C# binds, and expressions whose type can be told. See docs/languages.md.

(parameter type: (_) @type name: (identifier) @local)
(parameter !type name: (identifier) @local)
(parameter_list type: (_) @type name: (identifier) @local)
(implicit_parameter) @local
(type_parameter name: (identifier) @local)
(variable_declaration type: (_) @type (variable_declarator name: (identifier) @local) (#not-eq? @type "var"))
(variable_declaration type: (implicit_type) (variable_declarator name: (identifier) @local . (_) @value))
(catch_declaration type: (_) @type name: (identifier) @local)
(foreach_statement type: (_) @type left: (identifier) @local (#not-eq? @type "var"))
(foreach_statement type: (implicit_type) left: (identifier) @local right: (_) @element)
(foreach_statement left: (tuple_pattern name: (identifier) @local))
(from_clause name: (identifier) @local (_) @element .)
(declaration_expression type: (_) @type name: (identifier) @local (#not-eq? @type "var"))
(declaration_expression type: (implicit_type) name: (identifier) @local)
(declaration_pattern type: (_) @type name: (identifier) @local)
(recursive_pattern type: (_) @type name: (identifier) @local)
(is_pattern_expression expression: (identifier) @local pattern: (declaration_pattern type: (_) @type))
(is_pattern_expression expression: (identifier) @local pattern: (recursive_pattern type: (_) @type))
(is_pattern_expression expression: (identifier) @local pattern: (constant_pattern (identifier) @type))

(member_access_expression expression: _ @object name: (identifier) @member) @access
(member_access_expression expression: _ @object name: (generic_name (identifier) @member)) @access
(conditional_access_expression condition: _ @object (member_binding_expression name: (identifier) @member)) @access
(element_access_expression expression: (_) @object) @index
(invocation_expression function: (_) @callee) @call
(object_creation_expression type: (_) @type) @construct
(cast_expression type: (_) @type) @cast
(as_expression right: (_) @type) @cast
(parenthesized_expression (_) @inner) @same
(await_expression (_) @inner) @same
(postfix_unary_expression (_) @inner) @same
(conditional_expression consequence: (_) @inner) @same
"this" @self
"base" @super
