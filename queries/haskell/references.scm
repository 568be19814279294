; Uses of names in Haskell. See docs/languages.md.

(apply function: (variable) @reference.call)
(apply function: (qualified module: (module) @qualifier id: (variable) @reference.call))
(infix operator: (operator) @reference.call)
(infix_id (variable) @reference.call)
(qualified module: (module) @qualifier id: (variable) @reference.value)
(qualified module: (module) @qualifier id: (name) @reference.type)
(projection expression: (_) @receiver field: (field_name (variable) @reference.field))
(field_update field: (field_name (variable) @reference.field))
(name) @reference.type
(constructor) @reference.value
(variable) @reference.value
