; What stays of a folded body in Bash. See docs/languages.md.

[(if_statement) (elif_clause) (else_clause) (case_statement) (case_item) (for_statement) (c_style_for_statement) (while_statement)] @keep
((command name: (command_name) @_exit) @keep (#any-of? @_exit "return" "exit" "break" "continue"))

(heredoc_body) @fold
(function_definition body: (_ (function_definition) @fold))
([(string) (raw_string) (array)] @fold (#match? @fold "\n"))
