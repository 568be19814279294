; Uses of names in Scala. See docs/languages.md.

(call_expression function: (identifier) @reference.call)
(call_expression function: (field_expression value: (_) @receiver field: (identifier) @reference.method))
(call_expression function: (generic_function function: (identifier) @reference.call))
(call_expression function: (generic_function function: (field_expression value: (_) @receiver field: (identifier) @reference.method)))
(generic_function function: (field_expression value: (_) @receiver field: (identifier) @reference.method))
(infix_expression left: (_) @receiver operator: (identifier) @reference.method)
(stable_type_identifier (_) @qualifier (type_identifier) @reference.type .)
(type_identifier) @reference.type
(field_expression value: (_) @receiver field: (identifier) @reference.field)
(identifier) @reference.value
