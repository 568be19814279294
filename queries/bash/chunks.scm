; Definitions of Bash. See docs/languages.md.

(function_definition name: (word) @name body: (_) @body) @chunk.function
(program (variable_assignment name: (variable_name) @name value: (_)? @body) @chunk.constant)
(program (declaration_command (variable_assignment name: (variable_name) @name value: (_)? @body)) @chunk.constant)

((comment) @lead (#not-match? @lead "^#(!|\\s*shellcheck)"))
