; What stays of a folded body in Python. See docs/languages.md.

[
  (if_statement) (elif_clause) (else_clause) (match_statement) (case_clause)
  (for_statement) (while_statement) (with_statement)
  (try_statement) (except_clause) (finally_clause)
  (return_statement) (raise_statement) (break_statement) (continue_statement) (yield)
] @keep

(lambda) @fold
(function_definition body: (block [(function_definition) (decorated_definition) (class_definition)] @fold))
([(dictionary) (list) (set) (tuple) (string) (list_comprehension) (dictionary_comprehension) (set_comprehension) (generator_expression)] @fold
  (#match? @fold "\n"))
