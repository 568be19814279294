; Names that a function of Elixir binds. See docs/languages.md.

(binary_operator left: (identifier) @local operator: "=" right: (_) @value)
(binary_operator left: (identifier) @local operator: "<-" right: (_) @element)
(call target: (identifier) @_def (arguments . [
    (call (arguments [(identifier) @local (binary_operator left: (identifier) @local operator: "\\\\") (binary_operator right: (identifier) @local operator: "=")]))
    (binary_operator left: (call (arguments [(identifier) @local (binary_operator right: (identifier) @local operator: "=")])) operator: "when")])
  (#any-of? @_def "def" "defp" "defmacro" "defmacrop"))
(stab_clause left: (arguments (identifier) @local))
(stab_clause left: (arguments (binary_operator left: (identifier) @local operator: "in" right: (alias) @type)))

(call target: (dot left: (_) @object right: (identifier) @member)) @access
(access_call target: (_) @object) @index
(call target: (identifier) @callee) @call
(map (struct (alias) @type)) @construct
(block (_) @inner) @same
