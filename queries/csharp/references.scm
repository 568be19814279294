; Uses of names in C#. See docs/languages.md.

(invocation_expression function: (identifier) @reference.call)
(invocation_expression function: (generic_name (identifier) @reference.call))
(invocation_expression function: (member_access_expression expression: _ @receiver name: (identifier) @reference.method))
(invocation_expression function: (member_access_expression expression: _ @receiver name: (generic_name (identifier) @reference.method)))
(invocation_expression function: (conditional_access_expression condition: _ @receiver (member_binding_expression name: (identifier) @reference.method)))

(_ type: (identifier) @reference.type)
(_ returns: (identifier) @reference.type)
(_ type: (qualified_name qualifier: (_) @qualifier name: (identifier) @reference.type))
(_ returns: (qualified_name qualifier: (_) @qualifier name: (identifier) @reference.type))
(base_list (identifier) @reference.type)
(base_list (qualified_name qualifier: (_) @qualifier name: (identifier) @reference.type))
(type_argument_list (identifier) @reference.type)
(generic_name (identifier) @reference.type)
(attribute name: (identifier) @reference.type)
(attribute name: (qualified_name qualifier: (_) @qualifier name: (identifier) @reference.type))
(as_expression right: (identifier) @reference.type)
(is_pattern_expression pattern: (constant_pattern (identifier) @reference.type))

(member_access_expression expression: _ @receiver name: (identifier) @reference.field)
(conditional_access_expression condition: _ @receiver (member_binding_expression name: (identifier) @reference.field))
(object_creation_expression initializer: (initializer_expression (assignment_expression left: (identifier) @reference.field)))
(property_pattern_clause (subpattern . (identifier) @reference.field))
(identifier) @reference.value
