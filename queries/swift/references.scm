; Uses of names in Swift. See docs/languages.md.

(call_expression . (simple_identifier) @reference.call)
(call_expression . (navigation_expression target: (_) @receiver suffix: (navigation_suffix suffix: (simple_identifier) @reference.method)))
(type_identifier) @reference.type
(navigation_expression target: (_) @receiver suffix: (navigation_suffix suffix: (simple_identifier) @reference.field))
; `.open`: of a type that is not written
(prefix_expression operation: "." target: (simple_identifier) @reference.field)
(simple_identifier) @reference.value
