; Uses of names in Java. See docs/languages.md.

(method_invocation !object name: (identifier) @reference.call)
(method_invocation object: (_) @receiver name: (identifier) @reference.method)
(method_reference . (_) @receiver (identifier) @reference.method .)
(scoped_type_identifier (_) @qualifier (type_identifier) @reference.type .)
(type_identifier) @reference.type
(marker_annotation name: (identifier) @reference.type)
(annotation name: (identifier) @reference.type)
(field_access object: (_) @receiver field: (identifier) @reference.field)
(identifier) @reference.value
