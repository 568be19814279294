; Names in Kotlin that are no chunks of their own, and types as they are written. See docs/languages.md.

(class_parameter ["val" "var"] (identifier) @field . (_) @type)
(class_body (property_declaration (variable_declaration . (identifier) @field . (_) @type)))
(class_body (property_declaration (variable_declaration . (identifier) @field .) "=" . (_) @value))
(class_body (property_declaration (variable_declaration . (identifier) @field .) (property_delegate)))
(enum_entry . (identifier) @variant)
(enum_entry (modifiers) . (identifier) @variant)
(function_declaration name: (identifier) @typed (function_value_parameters) . [(user_type) (nullable_type) (function_type) (parenthesized_type)] @type)
(source_file (property_declaration (variable_declaration . (identifier) @typed . (_) @type)))
(source_file (property_declaration (variable_declaration . (identifier) @typed .) "=" . (_) @value))
(type_alias type: (identifier) @typed (_) @type .)
(class_declaration (delegation_specifiers (delegation_specifier [
  (user_type) @base
  (constructor_invocation (user_type) @base)
  (explicit_delegation (user_type) @base)
])))
(object_declaration (delegation_specifiers (delegation_specifier [
  (user_type) @base
  (constructor_invocation (user_type) @base)
  (explicit_delegation (user_type) @base)
])))
