; Names that C and C++ share and that are no chunks of their own, and types as they are written, without the pointers of
; the declarator. See docs/languages.md.

(field_declaration
  type: (_) @type
  declarator: [
    (field_identifier) @field
    (array_declarator declarator: (field_identifier) @field)
    (pointer_declarator declarator: (field_identifier) @field)
    (pointer_declarator declarator: (pointer_declarator declarator: (field_identifier) @field))
    (pointer_declarator declarator: (array_declarator declarator: (field_identifier) @field))
    (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @field)))
  ])
(enumerator name: (identifier) @variant)
(function_definition
  type: (_) @type
  declarator: [
    (function_declarator declarator: (identifier) @typed)
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @typed))
    (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @typed)))
  ])
(declaration
  type: (_) @type
  declarator: [
    (function_declarator declarator: (identifier) @typed)
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @typed))
    (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @typed)))
  ])
(declaration
  type: (_) @type
  declarator: [
    (identifier) @typed
    (array_declarator declarator: (identifier) @typed)
    (pointer_declarator declarator: (identifier) @typed)
    (init_declarator declarator: (identifier) @typed)
    (init_declarator declarator: (array_declarator declarator: (identifier) @typed))
    (init_declarator declarator: (pointer_declarator declarator: (identifier) @typed))
    (init_declarator declarator: (pointer_declarator declarator: (array_declarator declarator: (identifier) @typed)))
  ])
(type_definition
  type: [
    (struct_specifier name: (_) @type)
    (union_specifier name: (_) @type)
    (enum_specifier name: (_) @type)
    (type_identifier) @type
    (primitive_type) @type
    (sized_type_specifier) @type
  ]
  declarator: [
    (type_identifier) @typed
    (pointer_declarator declarator: (type_identifier) @typed)
    (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @typed)))
  ])
