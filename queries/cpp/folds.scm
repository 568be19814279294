; What stays of a folded body only in C++. See docs/languages.md.

[
  (for_range_loop) (try_statement) (catch_clause) (throw_statement)
  (co_return_statement) (co_yield_statement)
] @keep

(lambda_expression) @fold
(compound_statement [(class_specifier) (struct_specifier)] @fold)
((raw_string_literal) @fold (#match? @fold "\n"))
