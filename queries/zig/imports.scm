; What a file of Zig takes from elsewhere. See docs/languages.md.

(variable_declaration . (identifier) @alias
  (builtin_function (builtin_identifier) @_import (arguments (string (string_content) @module))) .
  (#eq? @_import "@import")) @import
(variable_declaration . (identifier) @alias
  (field_expression object: (builtin_function (builtin_identifier) @_import (arguments (string (string_content) @module))) member: (identifier) @name) .
  (#eq? @_import "@import")) @import
(source_file (variable_declaration "pub") @export)
