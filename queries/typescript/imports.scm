; What only TypeScript can take from elsewhere. See docs/languages.md.

(import_statement (import_require_clause (identifier) @alias source: (string (string_fragment) @module))) @import
(export_statement "=" (identifier) @name) @import @export @default
