; Names in Rust that are no chunks of their own, and types as they are written. See docs/languages.md.

(field_declaration name: (field_identifier) @field type: (_) @type)
(struct_item body: (ordered_field_declaration_list type: (_) @field @type))
(enum_variant name: (identifier) @variant)
(enum_variant name: (identifier) @variant body: (ordered_field_declaration_list . (visibility_modifier)? . type: (_) @type))
(function_item name: (identifier) @typed return_type: (_) @type)
(function_signature_item name: (identifier) @typed return_type: (_) @type)
(const_item name: (identifier) @typed type: (_) @type)
(static_item name: (identifier) @typed type: (_) @type)
(type_item name: (type_identifier) @typed type: (_) @type)
(associated_type name: (type_identifier) @field bounds: (trait_bounds (_) @type))
(trait_item bounds: (trait_bounds (_) @base))
(impl_item trait: (_) @base)
