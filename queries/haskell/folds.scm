; What stays of a folded body in Haskell. See docs/languages.md.

[(conditional) (case) (alternative) (multi_way_if) (guards)] @keep

[(lambda) (lambda_case) (local_binds)] @fold
([(list) (record) (literal)] @fold (#match? @fold "\n"))
