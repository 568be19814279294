; What stays of a folded body in Elixir. See docs/languages.md.

((call target: (identifier) @_control (do_block)) @keep (#any-of? @_control "if" "unless" "case" "cond" "with" "for" "try" "receive"))
((call target: (identifier) @_exit) @keep (#any-of? @_exit "raise" "reraise" "throw" "exit"))
(do_block (stab_clause) @keep)
[(else_block) (rescue_block) (catch_block) (after_block)] @keep

(anonymous_function) @fold
([(list) (map) (tuple) (string) (keywords)] @fold (#match? @fold "\n"))
