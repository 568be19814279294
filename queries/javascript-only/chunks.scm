; Definitions that TypeScript's grammar names differently. See docs/languages.md.

(field_definition property: (_) @name value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @chunk.function
