; What stays of a folded body in Scala. See docs/languages.md.

[
  (if_expression) (match_expression) (case_clause)
  (for_expression) (while_expression) (do_while_expression)
  (try_expression) (catch_clause) (finally_clause)
  (return_expression) (throw_expression)
] @keep
(function_definition body: (block (_) @keep .))

(lambda_expression) @fold
(instance_expression (template_body) @fold)
(block [(function_definition) (class_definition) (object_definition)] @fold)
((string) @fold (#match? @fold "\n"))
