; Uses of names in Bash. See docs/languages.md.

(command name: (command_name (word) @reference.call))
; a function is named to `trap`, `xargs`, `run`, …
(command argument: (word) @reference.value (#match? @reference.value "^[A-Za-z_][A-Za-z0-9_]*$"))
(variable_name) @reference.value
