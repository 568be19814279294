; Names that a function of Haskell binds. See docs/languages.md.

(patterns (variable) @local)
(patterns (parens (_ (variable) @local)))
(do (bind pattern: (variable) @local expression: (_) @value))
(local_binds (bind name: (variable) @local match: (match expression: (_) @value)))

(projection expression: (_) @object field: (field_name (variable) @member)) @access
(apply function: (_) @callee) @call
(record . (constructor) @type) @construct
(parens expression: (_) @inner) @same
