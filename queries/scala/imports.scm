; What a file of Scala takes from elsewhere. See docs/languages.md.

(import_declaration ((identifier) @path ".")* . (identifier) @path .) @import
(import_declaration ((identifier) @module ".")* . (identifier) @module . (namespace_wildcard)) @import @glob
(import_declaration ((identifier) @module ".")* . (identifier) @module . (namespace_selectors (identifier) @name)) @import
(import_declaration ((identifier) @module ".")* . (identifier) @module . (namespace_selectors [
  (arrow_renamed_identifier name: (_) @name alias: (_) @alias)
  (as_renamed_identifier name: (_) @name alias: (_) @alias)
])) @import
(import_declaration ((identifier) @module ".")* . (identifier) @module . (namespace_selectors (namespace_wildcard))) @import @glob
