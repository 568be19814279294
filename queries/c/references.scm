; Uses of names that C and C++ share. A call of a macro looks like any other. See docs/languages.md.

(call_expression function: (identifier) @reference.call)
(call_expression function: (field_expression argument: (_) @receiver field: (field_identifier) @reference.method))
(type_identifier) @reference.type
(field_expression argument: (_) @receiver field: (field_identifier) @reference.field)
(field_designator (field_identifier) @reference.field)
(identifier) @reference.value
