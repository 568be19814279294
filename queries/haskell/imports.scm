; What a file of Haskell takes from elsewhere or passes on. See docs/languages.md.

(import module: (module) @module alias: (module) @alias) @import
(import module: (module) @module !names !alias) @import @glob
((import module: (module) @module names: (import_list name: (import_name [variable: (_) @name type: (_) @name]))) @import
  (#not-match? @import "\\bhiding\\b"))
(import module: (module) @module "hiding") @import @glob
(exports (module_export module: (module) @module)) @import @glob @export
