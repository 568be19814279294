; Names that only a function of C++ binds, and expressions of C++ whose type can be told. See docs/languages.md.

(parameter_declaration type: (_) @type declarator: (reference_declarator (identifier) @local))
(optional_parameter_declaration type: (_) @type declarator: [(identifier) @local (pointer_declarator declarator: (identifier) @local) (reference_declarator (identifier) @local)])
(variadic_parameter_declaration type: (_) @type declarator: [(variadic_declarator (identifier) @local) (reference_declarator (variadic_declarator (identifier) @local))])
(type_parameter_declaration (type_identifier) @local)
(declaration
  type: (_) @type
  declarator: (init_declarator declarator: (reference_declarator (identifier) @local))
  (#not-match? @type "^auto\\b"))
(declaration
  type: (placeholder_type_specifier)
  declarator: (init_declarator
    declarator: [
      (identifier) @local
      (pointer_declarator declarator: (identifier) @local)
      (reference_declarator (identifier) @local)
    ]
    value: (_) @value))
(declaration declarator: (init_declarator declarator: [
  (structured_binding_declarator (identifier) @local)
  (reference_declarator (structured_binding_declarator (identifier) @local))
]))
(for_range_loop
  type: (_) @type
  declarator: [(identifier) @local (pointer_declarator declarator: (identifier) @local) (reference_declarator (identifier) @local)]
  (#not-match? @type "^auto\\b"))
(for_range_loop
  type: (placeholder_type_specifier)
  declarator: [(identifier) @local (pointer_declarator declarator: (identifier) @local) (reference_declarator (identifier) @local)]
  right: (_) @element)
(for_range_loop declarator: [
  (structured_binding_declarator (identifier) @local)
  (reference_declarator (structured_binding_declarator (identifier) @local))
])

(new_expression type: (_) @type) @construct
(compound_literal_expression type: [(type_identifier) (qualified_identifier) (template_type)] @type) @construct
(call_expression
  function: [
    (template_function name: (identifier) @_make arguments: (template_argument_list . (type_descriptor type: (_) @type)))
    (qualified_identifier name: (template_function name: (identifier) @_make arguments: (template_argument_list . (type_descriptor type: (_) @type))))
  ]
  (#any-of? @_make "make_unique" "make_shared")) @construct
(call_expression
  function: [
    (template_function name: (identifier) @_cast arguments: (template_argument_list . (type_descriptor type: (_) @type)))
    (qualified_identifier name: (template_function name: (identifier) @_cast arguments: (template_argument_list . (type_descriptor type: (_) @type))))
  ]
  (#match? @_cast "_cast$")) @cast
(this) @self
