; Definitions of Python. Captures as in rust/chunks.scm, and @doc: documentation inside the body.

(function_definition name: (identifier) @name body: (block) @body) @chunk.function
(function_definition name: (identifier) @name body: (block . (expression_statement (string) @doc))) @chunk.function
(function_definition name: (identifier) @name body: (block) @body (#match? @name "^test_")) @chunk.test
(class_definition name: (identifier) @name body: (block) @body) @chunk.class
(class_definition name: (identifier) @name body: (block . (expression_statement (string) @doc))) @chunk.class
(decorated_definition definition: (function_definition name: (identifier) @name)) @chunk.function
(decorated_definition definition: (class_definition name: (identifier) @name)) @chunk.class
(expression_statement (assignment left: (identifier) @name right: (_)? @body)) @chunk.constant
(type_alias_statement left: (type (identifier) @name)) @chunk.type

(comment) @lead
