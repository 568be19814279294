; What stays of a folded body in Ruby. See docs/languages.md.

[
  (if) (unless) (elsif) (else) (case) (case_match) (when) (in_clause) (while) (until) (for)
  (if_modifier) (unless_modifier) (while_modifier) (until_modifier) (rescue_modifier)
  (begin) (rescue) (ensure) (return) (yield) (break) (next) (redo) (retry)
] @keep
((call method: (identifier) @_exit) @keep (#any-of? @_exit "raise" "fail" "throw"))

; blocks are the loops of Ruby
((call method: (identifier) @_each block: (do_block)) @keep (#match? @_each "^(each|map|loop|times|upto|downto|step|select|reject|flat_map|filter_map)"))

[(lambda) (block)] @fold
(method body: (body_statement [(method) (singleton_method)] @fold))
([(array) (hash) (string) (string_array) (heredoc_body)] @fold (#match? @fold "\n"))
