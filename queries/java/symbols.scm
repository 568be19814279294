; Names in Java that are no chunks of their own, and types as they are written. See docs/languages.md.

; a constant that is a chunk is the one, any other field the other
(field_declaration type: (_) @type declarator: (variable_declarator name: (identifier) @field))
(constant_declaration type: (_) @type declarator: (variable_declarator name: (identifier) @field))
(record_declaration parameters: (formal_parameters (formal_parameter type: (_) @type name: (identifier) @field)))
(annotation_type_element_declaration type: (_) @type name: (identifier) @field)
(enum_constant name: (identifier) @variant)
(method_declaration type: (_) @type name: (identifier) @typed)
(superclass (_) @base)
(super_interfaces (type_list (_) @base))
(extends_interfaces (type_list (_) @base))
