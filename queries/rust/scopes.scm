; Names that a function of Rust binds, and expressions whose type can be told. See docs/languages.md.

(type_parameter name: (type_identifier) @local bounds: (trait_bounds)? @type)
(where_predicate left: (type_identifier) @local bounds: (trait_bounds) @type)
(parameter pattern: [(identifier) @local (mut_pattern (identifier) @local) (reference_pattern (identifier) @local)] type: (_) @type)
(parameter pattern: [(tuple_pattern) (struct_pattern) (tuple_struct_pattern)] @pattern type: (_) @type)
(const_parameter name: (identifier) @local)
(let_declaration pattern: (identifier) @local type: (_) @type)
(let_declaration pattern: (identifier) @local value: (_) @value)
(let_declaration pattern: (identifier) @local)
(let_declaration pattern: (_) @pattern value: (_) @value)
(let_condition pattern: (_) @pattern value: (_) @value)
(for_expression pattern: (identifier) @local value: (_) @element)
(for_expression pattern: (_) @pattern value: (_) @element)
(match_expression value: (_) @value body: (match_block (match_arm pattern: (match_pattern) @pattern)))
(closure_expression parameters: (closure_parameters [(identifier) @local (mut_pattern (identifier) @local) (reference_pattern (identifier) @local)])) @lambda
(closure_expression parameters: (closure_parameters (tuple_pattern (identifier) @local))) @lambda
(closure_expression parameters: (closure_parameters (parameter pattern: (identifier) @local type: (_) @type)))

(match_pattern . (identifier) @local (#match? @local "^[a-z_]"))
(tuple_pattern (identifier) @local (#match? @local "^[a-z_]"))
(slice_pattern (identifier) @local (#match? @local "^[a-z_]"))
(tuple_struct_pattern type: (_) @of @member (identifier) @local (#match? @local "^[a-z_]"))
(ref_pattern (identifier) @local)
(reference_pattern (identifier) @local (#match? @local "^[a-z_]"))
(mut_pattern (identifier) @local)
(captured_pattern . (identifier) @local)
(struct_pattern type: (_) @of (field_pattern name: (shorthand_field_identifier) @local @member))
(struct_pattern type: (_) @of (field_pattern name: (field_identifier) @member pattern: (identifier) @local))

[(block) (closure_expression) (match_arm) (for_expression) (if_expression) (while_expression) (function_item)] @scope

(field_expression value: (_) @object field: (_) @member) @access
(index_expression . (_) @object) @index
(call_expression function: (_) @callee) @call
(generic_function function: (_) @inner) @same
(struct_expression name: (_) @type) @construct
(type_cast_expression type: (_) @type) @cast
(try_expression (_) @object) @index
(await_expression (_) @inner) @same
(reference_expression value: (_) @inner) @same
(parenthesized_expression (_) @inner) @same
(unary_expression (_) @inner) @same
(block (_) @inner .) @same
(if_expression consequence: (_) @inner) @same
(if_expression alternative: (else_clause (_) @inner)) @same
(match_expression body: (match_block (match_arm value: (_) @inner))) @same
(macro_invocation (token_tree)) @text
(self) @self
