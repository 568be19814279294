; What a file of C++ takes from namespaces. See docs/languages.md.

(using_declaration "using" . (qualified_identifier scope: (_) @module name: (_) @name)) @import
(using_declaration "namespace" . (_) @module) @import @glob
(namespace_alias_definition name: (_) @alias (_) @module .) @import
