; What stays of a folded body in Kotlin. See docs/languages.md.

[
  (if_expression) (when_expression) (when_entry)
  (for_statement) (while_statement) (do_while_statement)
  (try_expression) (catch_block) (finally_block)
  (return_expression) (throw_expression)
] @keep
; the grammar takes these for names
((identifier) @keep (#any-of? @keep "break" "continue"))

[(lambda_literal) (anonymous_function) (object_literal)] @fold
(block [(function_declaration) (class_declaration)] @fold)
((multiline_string_literal) @fold (#match? @fold "\n"))
