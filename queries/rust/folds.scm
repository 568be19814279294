; What stays of a folded body in Rust. See docs/languages.md.

[
  (if_expression) (else_clause) (match_expression) (match_arm)
  (for_expression) (while_expression) (loop_expression)
  (return_expression) (break_expression) (continue_expression)
  (unsafe_block)
] @keep
(let_declaration alternative: (block)) @keep
(function_item body: (block (_expression) @keep .))
((macro_invocation macro: (identifier) @_macro) @keep (#any-of? @_macro "panic" "unreachable" "todo" "unimplemented" "bail"))

(closure_expression) @fold
(async_block) @fold
(block [(function_item) (struct_item) (enum_item) (impl_item) (const_item) (static_item) (macro_definition)] @fold)
([(array_expression) (struct_expression) (tuple_expression) (string_literal) (raw_string_literal)] @fold (#match? @fold "\n"))
