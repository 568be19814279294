; Names in PHP that are no chunks of their own, and types as they are written. See docs/languages.md.

(property_declaration type: (_)? @type (property_element name: (variable_name (name) @field) default_value: (_)? @value))
(property_promotion_parameter type: (_)? @type name: (variable_name (name) @field))
(enum_case name: (name) @variant)
(function_definition name: (name) @typed return_type: (_) @type)
(method_declaration name: (name) @typed return_type: (_) @type)
(const_declaration type: (_)? @type (const_element (name) @typed (_) @value))
(base_clause (_) @base)
(class_interface_clause (_) @base)
(declaration_list (use_declaration [(name) (qualified_name)] @base))
