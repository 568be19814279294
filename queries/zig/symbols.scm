; Names in Zig that are no chunks of their own, and types as they are written. See docs/languages.md.

(struct_declaration (container_field name: (identifier) @field type: (_)? @type))
(union_declaration (container_field name: (identifier) @variant type: (_)? @type))
(enum_declaration (container_field name: (identifier) @variant))
(error_set_declaration (identifier) @variant)
(function_declaration name: (identifier) @typed type: (_) @type)
(variable_declaration . (identifier) @typed type: (_) @type)
(variable_declaration . (identifier) @typed . [(call_expression) (struct_initializer) (field_expression)] @value .)
