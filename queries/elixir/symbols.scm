; Names in Elixir that are no chunks of their own. See docs/languages.md.

(call target: (identifier) @_struct (arguments [(list (atom) @field) (list (keywords (pair key: (keyword) @field value: (_) @value))) (keywords (pair key: (keyword) @field value: (_) @value))])
  (#any-of? @_struct "defstruct" "defexception"))
