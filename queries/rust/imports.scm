; What a file of Rust takes from elsewhere or passes on. See docs/languages.md.

(use_declaration argument: (identifier) @name) @import
(use_declaration argument: (scoped_identifier path: (_) @module name: (identifier) @name)) @import
(use_as_clause path: (identifier) @name alias: (identifier) @alias) @import
(use_as_clause path: (scoped_identifier path: (_) @module name: (identifier) @name) alias: (identifier) @alias) @import
(use_as_clause path: [(self) (crate) (super)] @module alias: (identifier) @alias) @import
(use_list (identifier) @name) @import
(use_list (scoped_identifier path: (_) @module name: (identifier) @name)) @import
(use_list (self)) @import
(use_wildcard (_) @module) @import @glob
(use_wildcard) @import @glob
(scoped_use_list path: (_) @prefix) @group
(use_declaration (visibility_modifier)) @export
(extern_crate_declaration name: (identifier) @name alias: (identifier)? @alias) @import
((attribute_item (attribute (identifier) @_path value: (string_literal (string_content) @module)))
  . (attribute_item)* . (mod_item name: (identifier) @alias) @import
  (#eq? @_path "path"))
