; What stays of a folded body in Zig. See docs/languages.md.

[
  (if_statement) (if_expression) (else_clause) (for_statement) (for_expression) (while_statement) (while_expression)
  (switch_expression) (switch_case) (defer_statement) (errdefer_statement)
  (return_expression) (break_expression) (continue_expression)
] @keep

([(struct_initializer) (anonymous_struct_initializer) (multiline_string)] @fold (#match? @fold "\n"))
