; What stays of a folded body in C and C++. See docs/languages.md.

[
  (if_statement) (else_clause) (switch_statement) (case_statement)
  (for_statement) (while_statement) (do_statement)
  (return_statement) (break_statement) (continue_statement) (goto_statement) (labeled_statement)
] @keep

([(initializer_list) (string_literal) (concatenated_string)] @fold (#match? @fold "\n"))
