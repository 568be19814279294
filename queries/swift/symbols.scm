; Names in Swift that are no chunks of their own, and types as they are written. See docs/languages.md.

; a constant that is a chunk is the one, any other property the other
(class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @field) . (type_annotation (_) @type)))
(class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @field) . value: (_) @value))
(enum_class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @field) . (type_annotation (_) @type)))
(source_file (property_declaration name: (pattern bound_identifier: (simple_identifier) @typed) . (type_annotation (_) @type)))
(source_file (property_declaration name: (pattern bound_identifier: (simple_identifier) @typed) . value: (_) @value))
(protocol_property_declaration name: (pattern bound_identifier: (simple_identifier) @field) (type_annotation (_) @type)?)
(associatedtype_declaration name: (type_identifier) @field name: (_)? @type)
(enum_entry name: (simple_identifier) @variant)
(function_declaration "func" . name: _ @typed "->" . (_) @type)
(protocol_function_declaration "func" . name: _ @typed "->" . (_) @type)
(subscript_declaration "subscript" @typed "->" . (_) @type)
(typealias_declaration name: (type_identifier) @typed "=" . (_) @type)
(inheritance_specifier inherits_from: (_) @base)
