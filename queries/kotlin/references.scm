; Uses of names in Kotlin. See docs/languages.md.

(call_expression . (identifier) @reference.call)
(call_expression . (navigation_expression (_) @receiver (identifier) @reference.method .))
(callable_reference (identifier) @reference.call .)
(user_type (identifier) @reference.type)
(navigation_expression (_) @receiver (identifier) @reference.field .)
(identifier) @reference.value
