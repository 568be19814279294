; Sections of TOML: tables, and the keys above them. See docs/languages.md.

(document (pair . (_) @name (_) @body .) @chunk.section)
(table . (_) @name . (_)? @body) @chunk.section
(table_array_element . (_) @name . (_)? @body) @chunk.section

(comment) @lead
