; What stays of a folded body in JavaScript and TypeScript. See docs/languages.md.

[
  (if_statement) (else_clause) (switch_statement) (switch_case) (switch_default)
  (for_statement) (for_in_statement) (while_statement) (do_statement)
  (try_statement) (catch_clause) (finally_clause)
  (return_statement) (throw_statement) (break_statement) (continue_statement) (yield_expression)
] @keep

[(arrow_function) (function_expression) (generator_function) (class)] @fold
(function_declaration body: (statement_block [(function_declaration) (generator_function_declaration) (class_declaration)] @fold))
(method_definition body: (statement_block [(function_declaration) (generator_function_declaration) (class_declaration)] @fold))
(arrow_function body: (statement_block [(function_declaration) (generator_function_declaration) (class_declaration)] @fold))
([(object) (array) (template_string)] @fold (#match? @fold "\n"))
