; Uses of names in Zig. See docs/languages.md.

(call_expression function: (identifier) @reference.call)
(call_expression function: (field_expression object: (_) @receiver member: (identifier) @reference.method))
(field_expression object: (_) @receiver member: (identifier) @reference.field)
(parameter type: (identifier) @reference.type)
(container_field type: (identifier) @reference.type)
(function_declaration type: (identifier) @reference.type)
(pointer_type (identifier) @reference.type)
(nullable_type (identifier) @reference.type)
(slice_type (identifier) @reference.type)
(array_type (identifier) @reference.type .)
(error_union_type (identifier) @reference.type)
(struct_initializer . (identifier) @reference.type)
(identifier) @reference.value
