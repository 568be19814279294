; What stays of a folded body in Swift. See docs/languages.md.

[
  (if_statement) (guard_statement) (switch_statement) (switch_entry)
  (for_statement) (while_statement) (repeat_while_statement)
  (do_statement) (catch_block)
  (control_transfer_statement)
  (computed_getter) (computed_setter)
] @keep

(lambda_literal) @fold
(statements [(function_declaration) (class_declaration)] @fold)
([(array_literal) (dictionary_literal) (multi_line_string_literal)] @fold (#match? @fold "\n"))
