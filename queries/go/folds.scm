; What stays of a folded body in Go. See docs/languages.md.

[
  (if_statement) (expression_switch_statement) (type_switch_statement) (select_statement)
  (expression_case) (type_case) (default_case) (communication_case)
  (for_statement)
  (return_statement) (break_statement) (continue_statement) (goto_statement) (fallthrough_statement) (defer_statement)
] @keep
((call_expression function: (identifier) @_panic) @keep (#eq? @_panic "panic"))

(func_literal) @fold
([(composite_literal) (raw_string_literal)] @fold (#match? @fold "\n"))
