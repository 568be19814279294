; What stays of a folded body in C#. See docs/languages.md.

[
  (accessor_declaration)
  (if_statement) (switch_statement) (switch_section) (switch_expression) (switch_expression_arm)
  (for_statement) (foreach_statement) (while_statement) (do_statement)
  (try_statement) (catch_clause) (finally_clause) (using_statement) (lock_statement)
  (return_statement) (throw_statement) (break_statement) (continue_statement) (goto_statement) (yield_statement)
] @keep

[(lambda_expression) (anonymous_method_expression) (local_function_statement)] @fold
([(initializer_expression) (anonymous_object_creation_expression) (raw_string_literal) (verbatim_string_literal)] @fold (#match? @fold "\n"))
