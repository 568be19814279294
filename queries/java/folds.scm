; What stays of a folded body in Java. See docs/languages.md.

[
  (if_statement) (switch_expression) (switch_block_statement_group) (switch_rule)
  (for_statement) (enhanced_for_statement) (while_statement) (do_statement)
  (try_statement) (try_with_resources_statement) (catch_clause) (finally_clause) (synchronized_statement)
  (return_statement) (throw_statement) (break_statement) (continue_statement) (yield_statement)
] @keep

(lambda_expression) @fold
(object_creation_expression (class_body) @fold)
(block [(class_declaration) (record_declaration) (enum_declaration) (interface_declaration)] @fold)
([(array_initializer) (string_literal)] @fold (#match? @fold "\n"))
