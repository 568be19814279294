; Names that a function of Bash binds. See docs/languages.md.

((declaration_command (variable_assignment name: (variable_name) @local value: (_)? @value)) @_local (#match? @_local "^(local|declare|typeset)\\b"))
((declaration_command (variable_name) @local) @_local (#match? @_local "^(local|declare|typeset)\\b"))
(for_statement variable: (variable_name) @local)
(command name: (command_name) @callee) @call
