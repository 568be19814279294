; What stays of a folded body in Lua. See docs/languages.md.

[
  (if_statement) (elseif_statement) (else_statement) (for_statement) (while_statement) (repeat_statement)
  (return_statement) (break_statement) (goto_statement)
] @keep
((function_call name: (identifier) @_exit) @keep (#eq? @_exit "error"))

(function_definition) @fold
(function_declaration body: (block (function_declaration) @fold))
([(table_constructor) (string)] @fold (#match? @fold "\n"))
