; Names that a function of Scala binds, and expressions whose type can be told. See docs/languages.md.

(parameter name: (identifier) @local type: (_) @type)
(class_parameter name: (identifier) @local type: (_) @type)
(binding name: (identifier) @local type: (_)? @type)
(lambda_expression parameters: (identifier) @local)
(type_parameters name: (identifier) @local)
(val_definition pattern: (identifier) @local type: (_)? @type value: (_) @value)
(var_definition pattern: (identifier) @local type: (_)? @type value: (_) @value)
(tuple_pattern (identifier) @local)
(enumerator . (identifier) @local "<-" . (_) @element)
(enumerator . (identifier) @local "=" . (_) @value)
(typed_pattern pattern: (identifier) @local type: (_) @type)
(case_class_pattern pattern: (identifier) @local)
(infix_pattern [left: (identifier) @local right: (identifier) @local])
(capture_pattern name: (identifier) @local)

(field_expression value: (_) @object field: (identifier) @member) @access
(call_expression function: [(identifier) (field_expression) (call_expression)] @callee) @call
(call_expression function: (generic_function function: (_) @callee)) @call
(instance_expression . (_) @type) @construct
(generic_function
  function: (field_expression field: (identifier) @_as)
  type_arguments: (type_arguments . (_) @type)
  (#eq? @_as "asInstanceOf")) @cast
(parenthesized_expression (_) @inner) @same
((identifier) @self (#eq? @self "this"))
((identifier) @super (#eq? @super "super"))
