; What a file of Python takes from elsewhere; all of it can be taken from this file in turn. See docs/languages.md.

(import_statement name: (dotted_name) @module @alias) @import @export
(import_statement name: (aliased_import name: (dotted_name) @module alias: (identifier) @alias)) @import @export
(import_from_statement module_name: (_) @module name: (dotted_name) @name) @import @export
(import_from_statement module_name: (_) @module name: (aliased_import name: (dotted_name) @name alias: (identifier) @alias)) @import @export
(import_from_statement module_name: (_) @module (wildcard_import)) @import @export @glob
