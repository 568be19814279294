; What a file of Elixir takes from elsewhere. See docs/languages.md.

(call target: (identifier) @_alias (arguments . (alias) @module .) (#any-of? @_alias "alias" "require")) @import
(call target: (identifier) @_alias (arguments . (alias) @module (keywords (pair key: (keyword) @_as value: (alias) @alias)))
  (#any-of? @_alias "alias" "require") (#match? @_as "^as:")) @import
(call target: (identifier) @_alias (arguments (dot left: (alias) @module right: (tuple (alias) @name))) (#eq? @_alias "alias")) @import
(call target: (identifier) @_import (arguments . (alias) @module) (#any-of? @_import "import" "use")) @import @glob
