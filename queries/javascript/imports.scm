; What a file takes from elsewhere or passes on, in JavaScript and TypeScript. See docs/languages.md.

(import_statement (import_clause (identifier) @alias) source: (string (string_fragment) @module)) @import @default
(import_statement (import_clause (namespace_import (identifier) @alias)) source: (string (string_fragment) @module)) @import
(import_statement (import_clause (named_imports (import_specifier name: (_) @name alias: (_)? @alias))) source: (string (string_fragment) @module)) @import
(export_statement (export_clause (export_specifier name: (_) @name alias: (_)? @alias)) source: (string (string_fragment) @module)) @import @export
(export_statement (export_clause (export_specifier name: (_) @name alias: (_)? @alias)) !source) @import @export
(export_statement (namespace_export (_) @alias) source: (string (string_fragment) @module)) @import @export
(export_statement "*" source: (string (string_fragment) @module)) @import @export @glob
(export_statement "default" value: (identifier) @name) @import @export @default
(export_statement "default" declaration: (_ name: (_) @name)) @import @export @default

(variable_declarator name: (identifier) @alias value: [
    (call_expression function: (identifier) @_require arguments: (arguments . (string (string_fragment) @module)))
    (member_expression
      object: (call_expression function: (identifier) @_require arguments: (arguments . (string (string_fragment) @module)))
      property: (property_identifier) @name)
  ]
  (#eq? @_require "require")) @import
(variable_declarator
  name: (object_pattern [
    (shorthand_property_identifier_pattern) @name
    (pair_pattern key: (property_identifier) @name value: (identifier) @alias)
  ])
  value: (call_expression function: (identifier) @_require arguments: (arguments . (string (string_fragment) @module)))
  (#eq? @_require "require")) @import
(variable_declarator name: (identifier) @alias
  value: (await_expression (call_expression function: (import) arguments: (arguments . (string (string_fragment) @module))))) @import
(variable_declarator
  name: (object_pattern [
    (shorthand_property_identifier_pattern) @name
    (pair_pattern key: (property_identifier) @name value: (identifier) @alias)
  ])
  value: (await_expression (call_expression function: (import) arguments: (arguments . (string (string_fragment) @module))))) @import

; exports.f = g, module.exports = { f, g: h }, module.exports = f, module.exports = require("…")
(assignment_expression left: (member_expression object: (_) @_exports property: (property_identifier) @alias) right: (identifier) @name
  (#match? @_exports "^(module\\.)?exports$")) @import @export
(assignment_expression left: (_) @_exports right: (object (shorthand_property_identifier) @name)
  (#eq? @_exports "module.exports")) @import @export
(assignment_expression left: (_) @_exports right: (object (pair key: (property_identifier) @alias value: (identifier) @name))
  (#eq? @_exports "module.exports")) @import @export
(assignment_expression left: (_) @_exports right: (identifier) @name
  (#eq? @_exports "module.exports")) @import @export @default
(assignment_expression left: (_) @_exports right: (call_expression function: (identifier) @_require arguments: (arguments . (string (string_fragment) @module)))
  (#eq? @_exports "module.exports") (#eq? @_require "require")) @import @export @glob
