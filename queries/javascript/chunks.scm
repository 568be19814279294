; Definitions that JavaScript and TypeScript share. Captures as in rust/chunks.scm.

(function_declaration name: (_) @name body: (_) @body) @chunk.function
(generator_function_declaration name: (_) @name body: (_) @body) @chunk.function
(export_statement declaration: (function_declaration name: (_) @name)) @chunk.function
(export_statement declaration: (generator_function_declaration name: (_) @name)) @chunk.function
(class_declaration name: (_) @name body: (_) @body) @chunk.class
(export_statement declaration: (class_declaration name: (_) @name)) @chunk.class
(method_definition name: (_) @name body: (_) @body) @chunk.function

(lexical_declaration . (variable_declarator name: (identifier) @name value: (arrow_function body: (_) @body))) @chunk.function
(lexical_declaration . (variable_declarator name: (identifier) @name value: [(function_expression body: (_) @body) (generator_function body: (_) @body)])) @chunk.function
(variable_declaration . (variable_declarator name: (identifier) @name value: (arrow_function body: (_) @body))) @chunk.function
(variable_declaration . (variable_declarator name: (identifier) @name value: [(function_expression body: (_) @body) (generator_function body: (_) @body)])) @chunk.function
(export_statement declaration: (lexical_declaration . (variable_declarator name: (identifier) @name value: [(arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)]))) @chunk.function

(lexical_declaration . (variable_declarator name: (identifier) @name value: (_)? @body)) @chunk.constant
(variable_declaration . (variable_declarator name: (identifier) @name value: (_)? @body)) @chunk.constant
(export_statement declaration: (lexical_declaration . (variable_declarator name: (identifier) @name value: (_)? @body))) @chunk.constant

(expression_statement
  (call_expression
    function: [(identifier) @_runner (member_expression object: (identifier) @_runner)]
    arguments: (arguments . [(string) (template_string)] @name [(arrow_function body: (_) @body) (function_expression body: (_) @body)]))
  (#any-of? @_runner "describe" "it" "test" "suite")) @chunk.test

(comment) @lead
