; Definitions of Ruby. See docs/languages.md.

(module name: [(constant) @name (scope_resolution name: (constant) @name)] body: (_)? @body) @chunk.module
(class name: [(constant) @name (scope_resolution name: (constant) @name)] body: (_)? @body) @chunk.class
(method name: (_) @name body: (_)? @body) @chunk.function
(singleton_method name: (_) @name body: (_)? @body) @chunk.function
(singleton_method object: (constant) @qualifier name: (_) @name) @chunk.function
(assignment left: (constant) @name right: (_) @body) @chunk.constant
(assignment left: (constant) @name right: (call receiver: (constant) @_maker method: (identifier) @_new block: (_)? @body)
  (#any-of? @_maker "Struct" "Data" "Class") (#any-of? @_new "new" "define")) @chunk.class
(call method: (identifier) @_define arguments: (argument_list . [(simple_symbol) (string)] @name) block: (_) @body
  (#any-of? @_define "define_method" "define_singleton_method" "scope" "task" "namespace")) @chunk.function

((method name: (_) @name body: (_)? @body) (#match? @name "^test_")) @chunk.test
(call method: (identifier) @_runner arguments: (argument_list . (_) @name) block: (_) @body
  (#any-of? @_runner "describe" "context" "feature" "it" "specify" "scenario" "test" "should" "shared_examples")) @chunk.test

; the first line is no documentation
((comment) @lead (#not-match? @lead "^#(!|.*(coding|frozen_string_literal):)"))
