; Uses of names in Python. Captures as in rust/references.scm.

(call function: (identifier) @reference.call)
(call function: (attribute object: (_) @receiver attribute: (identifier) @reference.method))
(decorator (identifier) @reference.call)
(decorator (attribute object: (_) @receiver attribute: (identifier) @reference.method))
(type (identifier) @reference.type)
(type (generic_type (identifier) @reference.type))
(type (binary_operator (identifier) @reference.type))
(type (subscript value: (identifier) @reference.type))
(type (subscript subscript: (identifier) @reference.type))
(class_definition superclasses: (argument_list (identifier) @reference.type))
(except_clause (identifier) @reference.type)
(attribute object: (_) @receiver attribute: (identifier) @reference.field)
(identifier) @reference.value
