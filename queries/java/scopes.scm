; Names that a function of Java binds, and expressions whose type can be told. See docs/languages.md.

(formal_parameter type: (_) @type name: (identifier) @local)
(spread_parameter (_) @type (variable_declarator name: (identifier) @local))
(type_parameter (type_identifier) @local (type_bound . (_) @type)?)
(local_variable_declaration type: (_) @type declarator: (variable_declarator name: (identifier) @local) (#not-eq? @type "var"))
(local_variable_declaration type: (_) @_var declarator: (variable_declarator name: (identifier) @local value: (_) @value) (#eq? @_var "var"))
(resource type: (_) @type name: (identifier) @local (#not-eq? @type "var"))
(resource type: (_) @_var name: (identifier) @local value: (_) @value (#eq? @_var "var"))
(catch_formal_parameter (catch_type . (_) @type) name: (identifier) @local)
(enhanced_for_statement type: (_) @type name: (identifier) @local (#not-eq? @type "var"))
(enhanced_for_statement type: (_) @_var name: (identifier) @local value: (_) @element (#eq? @_var "var"))
(instanceof_expression right: (_) @type name: (identifier) @local)
(instanceof_expression left: (identifier) @local right: (_) @type)
(type_pattern (_) @type (identifier) @local)
(record_pattern_component (_) @type (identifier) @local)
(lambda_expression parameters: (identifier) @local)
(inferred_parameters (identifier) @local)

(field_access object: (_) @object field: (identifier) @member) @access
(array_access array: (_) @object) @index
(method_invocation !object name: (identifier) @callee) @call
(method_invocation object: (_) @object name: (identifier) @member) @call
(object_creation_expression type: (_) @type) @construct
(cast_expression type: (_) @type) @cast
(parenthesized_expression (_) @inner) @same
(ternary_expression consequence: (_) @inner) @same
(this) @self
(super) @super
