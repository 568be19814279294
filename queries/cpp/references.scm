; Uses of names that only C++ has. See docs/languages.md.

(call_expression function: (template_function name: (identifier) @reference.call))
(call_expression function: (qualified_identifier scope: (_) @qualifier name: (identifier) @reference.call))
(call_expression function: (qualified_identifier scope: (_) @qualifier name: (template_function name: (identifier) @reference.call)))
(call_expression function: (qualified_identifier name: (qualified_identifier scope: (_) @qualifier name: (identifier) @reference.call)))
(call_expression function: (qualified_identifier name: (qualified_identifier scope: (_) @qualifier name: (template_function name: (identifier) @reference.call))))
(call_expression function: (field_expression argument: (_) @receiver field: (template_method name: (field_identifier) @reference.method)))
(qualified_identifier scope: (_) @qualifier name: (type_identifier) @reference.type)
(qualified_identifier scope: (_) @qualifier name: (template_type name: (type_identifier) @reference.type))
(field_initializer (field_identifier) @reference.field)
(qualified_identifier scope: (_) @qualifier name: (identifier) @reference.value)
