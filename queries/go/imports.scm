; What a file of Go takes from elsewhere: packages, or with a dot everything in one. See docs/languages.md.

(import_spec !name path: (_ (_) @module)) @import
(import_spec name: [(package_identifier) (blank_identifier)] @alias path: (_ (_) @module)) @import
(import_spec name: (dot) path: (_ (_) @module)) @import @glob
