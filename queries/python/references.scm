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
(type (string (string_content) @reference.type))
(class_definition superclasses: (argument_list (identifier) @reference.type))
(except_clause (identifier) @reference.type)
(call function: [(identifier) @_cast (attribute attribute: (identifier) @_cast)] arguments: (argument_list . (string (string_content) @reference.type))
  (#eq? @_cast "cast"))
(attribute object: (_) @receiver attribute: (identifier) @reference.field)
(identifier) @reference.value
