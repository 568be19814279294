; What a file of PHP takes from elsewhere. See docs/languages.md.

(namespace_use_clause . (name) @name alias: (name)? @alias) @import
(namespace_use_clause (qualified_name prefix: (namespace_name) @module (name) @name) alias: (name)? @alias) @import
(namespace_use_declaration (namespace_name) @prefix body: (namespace_use_group)) @group
[(require_expression (_ (string_content) @module)) (require_once_expression (_ (string_content) @module))
 (include_expression (_ (string_content) @module)) (include_once_expression (_ (string_content) @module))
 (require_expression (binary_expression right: (_ (string_content) @module)))
 (require_once_expression (binary_expression right: (_ (string_content) @module)))
 (include_expression (binary_expression right: (_ (string_content) @module)))
 (include_once_expression (binary_expression right: (_ (string_content) @module)))] @import @glob
