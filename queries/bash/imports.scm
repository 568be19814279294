; What a script takes from others: all that they define. See docs/languages.md.

(command name: (command_name) @_source . argument: [(word) @module (raw_string) @module (string (string_content) @module .) (concatenation (_) @module .)]
  (#any-of? @_source "source" ".")) @import @glob @export
