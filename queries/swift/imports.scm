; What a file of Swift takes from elsewhere: all of a module, or one name. See docs/languages.md.

(import_declaration (identifier . (simple_identifier) .) @module) @import @glob
(import_declaration ["struct" "class" "enum" "func" "protocol" "typealias" "let" "var"] (identifier) @path) @import
