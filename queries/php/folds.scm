; What stays of a folded body in PHP. See docs/languages.md.

[
  (if_statement) (else_if_clause) (else_clause) (switch_statement) (case_statement) (default_statement)
  (match_conditional_expression) (match_default_expression)
  (for_statement) (foreach_statement) (while_statement) (do_statement)
  (try_statement) (catch_clause) (finally_clause)
  (return_statement) (throw_expression) (break_statement) (continue_statement) (exit_statement) (yield_expression)
] @keep

[(anonymous_function) (arrow_function) (anonymous_class)] @fold
([(array_creation_expression) (string) (encapsed_string) (heredoc) (nowdoc)] @fold (#match? @fold "\n"))
