; What a file of Java takes from elsewhere. See docs/languages.md.

(import_declaration . (identifier) @name .) @import
(import_declaration (scoped_identifier scope: (_) @module name: (identifier) @name) .) @import
(import_declaration (_) @module . (asterisk)) @import @glob
