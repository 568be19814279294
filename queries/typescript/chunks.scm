; Definitions that only TypeScript has. Captures as in rust/chunks.scm.

(function_signature name: (_) @name) @chunk.function
(export_statement declaration: (function_signature name: (_) @name)) @chunk.function
(abstract_class_declaration name: (_) @name body: (_) @body) @chunk.class
(export_statement declaration: (abstract_class_declaration name: (_) @name)) @chunk.class
(abstract_method_signature name: (_) @name) @chunk.function
(interface_declaration name: (_) @name body: (_) @body) @chunk.interface
(export_statement declaration: (interface_declaration name: (_) @name)) @chunk.interface
(type_alias_declaration name: (_) @name value: (_) @body) @chunk.type
(export_statement declaration: (type_alias_declaration name: (_) @name)) @chunk.type
(enum_declaration name: (_) @name body: (_) @body) @chunk.type
(export_statement declaration: (enum_declaration name: (_) @name)) @chunk.type
(internal_module name: (_) @name body: (_) @body) @chunk.module
(public_field_definition name: (_) @name value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @chunk.function
