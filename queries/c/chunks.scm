; Definitions that C and C++ share. See docs/languages.md. A name stands inside of its declarator: behind pointers, arrays
; and parentheses.

(function_definition
  declarator: [
    (function_declarator declarator: (identifier) @name)
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
    (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name)))
  ]
  body: (_) @body
  (#not-match? @name "^(TYPED_)?TEST(_[FP])?$")) @chunk.function
(declaration
  declarator: [
    (function_declarator declarator: (identifier) @name)
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
    (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name)))
  ]) @chunk.function

(struct_specifier name: (type_identifier) @name body: (_) @body) @chunk.type
(union_specifier name: (type_identifier) @name body: (_) @body) @chunk.type
(enum_specifier name: (type_identifier) @name body: (_) @body) @chunk.type
(type_definition
  declarator: [
    (type_identifier) @name
    (pointer_declarator declarator: (type_identifier) @name)
    (array_declarator declarator: (type_identifier) @name)
    (function_declarator declarator: (type_identifier) @name)
    (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name)))
  ]) @chunk.type
(type_definition
  type: [(struct_specifier body: (_) @body) (union_specifier body: (_) @body) (enum_specifier body: (_) @body)]
  declarator: (type_identifier) @name) @chunk.type

(declaration
  declarator: [
    (identifier) @name
    (array_declarator declarator: (identifier) @name)
    (pointer_declarator declarator: (identifier) @name)
    (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @name)))
    (init_declarator declarator: (identifier) @name value: (_) @body)
    (init_declarator declarator: (array_declarator declarator: (identifier) @name) value: (_) @body)
    (init_declarator declarator: (array_declarator declarator: (array_declarator declarator: (identifier) @name)) value: (_) @body)
    (init_declarator declarator: (pointer_declarator declarator: (identifier) @name) value: (_) @body)
    (init_declarator declarator: (pointer_declarator declarator: (array_declarator declarator: (identifier) @name)) value: (_) @body)
  ]) @chunk.constant
; what an enum without a name defines
(translation_unit (enum_specifier !name body: (enumerator_list (enumerator name: (identifier) @name value: (_)? @body) @chunk.constant)))
(preproc_ifdef (enum_specifier !name body: (enumerator_list (enumerator name: (identifier) @name value: (_)? @body) @chunk.constant)))
(declaration_list (enum_specifier !name body: (enumerator_list (enumerator name: (identifier) @name value: (_)? @body) @chunk.constant)))

(preproc_def name: (identifier) @name value: (_) @body) @chunk.macro
(preproc_function_def name: (identifier) @name value: (_)? @body) @chunk.macro

(comment) @lead
