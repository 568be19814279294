; Names that a function binds and expressions whose type can be told, in JavaScript and TypeScript. See
; docs/languages.md.

(variable_declarator name: (identifier) @local)
(variable_declarator name: (identifier) @local value: (_) @value)
(variable_declarator name: (object_pattern [(shorthand_property_identifier_pattern) @local @member
  (object_assignment_pattern left: (shorthand_property_identifier_pattern) @local @member)]) value: (_) @object)
(variable_declarator name: (object_pattern (pair_pattern key: (_) @member value: (identifier) @local)) value: (_) @object)
(variable_declarator name: (array_pattern) @pattern value: (_) @value)
(object_pattern [(shorthand_property_identifier_pattern) @local
  (object_assignment_pattern left: (shorthand_property_identifier_pattern) @local)
  (pair_pattern value: (identifier) @local)
  (rest_pattern (identifier) @local)])
(array_pattern (identifier) @local)
(for_in_statement left: (identifier) @local operator: "of" right: (_) @element)
(for_in_statement left: (identifier) @local)
(for_in_statement left: (_) @pattern operator: "of" right: (_) @element)
(catch_clause parameter: (identifier) @local)
(arrow_function parameter: (identifier) @local) @lambda
(binary_expression left: (identifier) @local operator: "instanceof" right: (_) @type)
(function_declaration name: (identifier) @local)

[(statement_block) (arrow_function) (function_expression) (function_declaration) (method_definition) (for_in_statement)
  (for_statement) (catch_clause)] @scope

(object (pair key: (property_identifier) @key value: (_) @value)) @record
(object (shorthand_property_identifier) @key) @record
(object (spread_element) @value) @record
(spread_element (_) @inner) @same
(object (method_definition name: (property_identifier) @key)) @record
(assignment_expression left: (member_expression) @value right: (_) @expects)

(member_expression object: (_) @object property: (_) @member) @access
(subscript_expression object: (_) @object) @index
(call_expression function: (_) @callee) @call
(new_expression constructor: (_) @type) @construct
(parenthesized_expression (_) @inner) @same
(await_expression (_) @inner) @same
(ternary_expression consequence: (_) @inner) @same
(ternary_expression alternative: (_) @inner) @same
(binary_expression left: (_) @inner operator: ["??" "||"]) @same
(binary_expression operator: ["??" "||" "&&"] right: (_) @inner) @same
(assignment_expression right: (_) @inner) @same
(this) @self
(super) @super
