; Uses of names in Go. A name of a package has the package as its receiver. See docs/languages.md.

(call_expression function: (identifier) @reference.call)
(call_expression function: (selector_expression operand: (_) @receiver field: (field_identifier) @reference.method))
; `New[int](1)`
(type_conversion_expression type: (generic_type type: (type_identifier) @reference.call))
(type_conversion_expression type: (generic_type type: (qualified_type package: (_) @receiver name: (type_identifier) @reference.method)))
(qualified_type package: (package_identifier) @qualifier name: (type_identifier) @reference.type)
(type_identifier) @reference.type
(selector_expression operand: (_) @receiver field: (field_identifier) @reference.field)
(composite_literal
  type: [(type_identifier) (qualified_type) (generic_type)]
  body: (literal_value (keyed_element key: (literal_element (identifier) @reference.field))))
(identifier) @reference.value
