; Names in C# that are no chunks of their own, and types as they are written. See docs/languages.md.

(field_declaration (variable_declaration type: (_) @type (variable_declarator name: (identifier) @field)))
(event_field_declaration (variable_declaration type: (_) @type (variable_declarator name: (identifier) @field)))
(property_declaration type: (_) @type name: (identifier) @field)
(record_declaration (parameter_list (parameter type: (_) @type name: (identifier) @field)))
(enum_member_declaration name: (identifier) @variant)
(method_declaration returns: (_) @type name: (identifier) @typed)
(local_function_statement type: (_) @type name: (identifier) @typed)
(delegate_declaration type: (_) @type name: (identifier) @typed)
(operator_declaration type: (_) @type operator: _ @typed)
(indexer_declaration type: (_) @type "this" @typed)
(base_list [(identifier) (qualified_name) (generic_name)] @base)
(base_list (primary_constructor_base_type type: (_) @base))
