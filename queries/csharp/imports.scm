; What a file of C# takes from elsewhere: namespaces, static members of a type, names of its own for types. See
; docs/languages.md.

(using_directive !name [(identifier) (qualified_name)] @module) @import @glob
(using_directive name: (identifier) @alias (qualified_name qualifier: (_) @module name: (_) @name)) @import
(using_directive name: (identifier) @alias (identifier) @name .) @import
