; Names that a function of C or C++ binds, and expressions whose type can be told. See docs/languages.md.

(parameter_declaration
  type: (_) @type
  declarator: [
    (identifier) @local
    (array_declarator declarator: (identifier) @local)
    (pointer_declarator declarator: (identifier) @local)
    (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @local))
    (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @local)))
  ])
(declaration
  type: (_) @type
  declarator: [
    (identifier) @local
    (array_declarator declarator: (identifier) @local)
    (pointer_declarator declarator: (identifier) @local)
    (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @local))
    (init_declarator declarator: (identifier) @local)
    (init_declarator declarator: (array_declarator declarator: (identifier) @local))
    (init_declarator declarator: (pointer_declarator declarator: (identifier) @local))
    (init_declarator declarator: (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @local)))
    (init_declarator declarator: (pointer_declarator declarator: (array_declarator declarator: (identifier) @local)))
  ]
  (#not-match? @type "^auto\\b"))

(field_expression argument: (_) @object field: (field_identifier) @member) @access
(subscript_expression argument: (_) @object) @index
(call_expression function: (_) @callee) @call
(compound_literal_expression type: (type_descriptor type: (_) @type)) @construct
(cast_expression type: (type_descriptor type: (_) @type)) @cast
(parenthesized_expression (_) @inner) @same
(pointer_expression argument: (_) @inner) @same
(conditional_expression consequence: (_) @inner) @same
