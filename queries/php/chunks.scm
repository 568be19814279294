; Definitions of PHP. See docs/languages.md.

(namespace_definition name: (_) @name body: (_) @body) @chunk.module
(class_declaration name: (name) @name body: (_) @body) @chunk.class
(trait_declaration name: (name) @name body: (_) @body) @chunk.class
(interface_declaration name: (name) @name body: (_) @body) @chunk.interface
(enum_declaration name: (name) @name body: (_) @body) @chunk.type
(function_definition name: (name) @name body: (_) @body) @chunk.function
(method_declaration name: (name) @name body: (_)? @body) @chunk.function
(const_declaration (const_element (name) @name (_) @body)) @chunk.constant
(expression_statement (function_call_expression function: (name) @_define arguments: (arguments . (argument (_ (string_content) @name)) . (argument) @body))
  (#eq? @_define "define")) @chunk.constant

((method_declaration name: (name) @name body: (_)? @body) (#match? @name "^test([A-Z_0-9]|$)")) @chunk.test
(method_declaration attributes: (attribute_list (attribute_group (attribute (_) @_test))) name: (name) @name body: (_)? @body
  (#any-of? @_test "Test" "DataProvider" "TestWith")) @chunk.test
(expression_statement (function_call_expression function: (name) @_runner
    arguments: (arguments . (argument (_) @name) . (argument [(anonymous_function body: (_) @body) (arrow_function body: (_) @body)])))
  (#any-of? @_runner "describe" "it" "test")) @chunk.test

(comment) @lead
((comment) @lead.test (#match? @lead.test "^/\\*\\*[^/]*@test\\b"))
