; Definitions of Zig. See docs/languages.md.

(function_declaration name: (identifier) @name body: (block)? @body) @chunk.function
(variable_declaration . (identifier) @name
  [(struct_declaration) (enum_declaration) (union_declaration) (opaque_declaration) (error_set_declaration)] @body) @chunk.type
((variable_declaration . (identifier) @name (_) @body .) @chunk.constant (#not-eq? @name "_") (#not-match? @body "^@(import|This)\\b"))
(test_declaration [(string) (identifier)] @name (block) @body) @chunk.test

((comment) @lead (#not-match? @lead "^//!"))
