; What a file of Ruby takes from elsewhere: all that the other file defines. See docs/languages.md.

(call !receiver method: (identifier) @_require arguments: (argument_list . (string (string_content) @module))
  (#any-of? @_require "require" "require_relative" "load")) @import @glob
(call method: (identifier) @_autoload arguments: (argument_list . (simple_symbol) @name . (string (string_content) @module))
  (#eq? @_autoload "autoload")) @import
