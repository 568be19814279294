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

; exports.f = function, module.exports.f = …, Type.prototype.f = …, Type.f = …
(expression_statement (assignment_expression
    left: (member_expression object: [(identifier) (member_expression)] @_exports property: (property_identifier) @name)
    right: [(function_expression body: (_) @body) (generator_function body: (_) @body) (arrow_function body: (_) @body)])
  (#match? @_exports "^(module\\.)?exports$")) @chunk.function
(expression_statement (assignment_expression
    left: (member_expression object: (identifier) @_exports property: (property_identifier) @name)
    right: (class body: (_) @body))
  (#eq? @_exports "exports")) @chunk.class
(expression_statement (assignment_expression
    left: (member_expression
      object: [(identifier) @qualifier (member_expression object: (identifier) @qualifier property: (property_identifier) @_prototype)]
      property: (property_identifier) @name)
    right: [(function_expression body: (_) @body) (generator_function body: (_) @body) (arrow_function body: (_) @body)])
  (#eq? @_prototype "prototype") (#not-any-of? @qualifier "exports" "module")) @chunk.function

; module.exports = { f() {}, g: function () {} }: f and g; module.exports = function () {}: exports
(assignment_expression
  left: (member_expression object: (identifier) @_module property: (property_identifier) @_exports)
  right: (object (pair
    key: (property_identifier) @name
    value: [(function_expression body: (_) @body) (generator_function body: (_) @body) (arrow_function body: (_) @body)]) @chunk.function)
  (#eq? @_module "module") (#eq? @_exports "exports"))
(expression_statement (assignment_expression
    left: (member_expression object: (identifier) @_module property: (property_identifier) @name)
    right: [(function_expression !name body: (_) @body) (arrow_function body: (_) @body)])
  (#eq? @_module "module") (#eq? @name "exports")) @chunk.function
(expression_statement (assignment_expression
    left: (member_expression object: (identifier) @_module property: (property_identifier) @_exports)
    right: [(function_expression name: (_) @name body: (_) @body)])
  (#eq? @_module "module") (#eq? @_exports "exports")) @chunk.function
(expression_statement (assignment_expression
    left: (member_expression object: (identifier) @_module property: (property_identifier) @_exports)
    right: (class name: (_) @name body: (_) @body))
  (#eq? @_module "module") (#eq? @_exports "exports")) @chunk.class

; what is exported without a name
(export_statement "default" @name value: [(function_expression !name body: (_) @body) (generator_function !name body: (_) @body) (arrow_function body: (_) @body)]) @chunk.function
(export_statement "default" @name value: (class !name body: (_) @body)) @chunk.class
(export_statement "default" @name value: [(object) (call_expression)] @body) @chunk.constant

(expression_statement
  (call_expression
    function: [(identifier) @_runner (member_expression object: (identifier) @_runner)]
    arguments: (arguments . [(string) (template_string)] @name [(arrow_function body: (_) @body) (function_expression body: (_) @body)]))
  (#any-of? @_runner "describe" "it" "test" "suite")) @chunk.test

(comment) @lead
