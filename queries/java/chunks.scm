; Definitions of Java. See docs/languages.md.

(class_declaration name: (identifier) @name body: (class_body) @body) @chunk.class
(record_declaration name: (identifier) @name body: (class_body) @body) @chunk.class
(enum_declaration name: (identifier) @name body: (enum_body) @body) @chunk.type
(interface_declaration name: (identifier) @name body: (interface_body) @body) @chunk.interface
(annotation_type_declaration name: (identifier) @name body: (_) @body) @chunk.interface
(method_declaration name: (identifier) @name body: (block)? @body) @chunk.function
(constructor_declaration name: (identifier) @name body: (_) @body) @chunk.function
(compact_constructor_declaration name: (identifier) @name body: (_) @body) @chunk.function

(field_declaration (modifiers) @_modifiers declarator: (variable_declarator name: (identifier) @name value: (_)? @body)
  (#match? @_modifiers "\\bstatic\\b") (#match? @_modifiers "\\bfinal\\b")) @chunk.constant
(constant_declaration declarator: (variable_declarator name: (identifier) @name value: (_)? @body)) @chunk.constant

(method_declaration
  (modifiers [(marker_annotation name: (_) @_annotation) (annotation name: (_) @_annotation)])
  name: (identifier) @name
  body: (block) @body
  (#match? @_annotation "^(\\w+\\.)*(\\w*Test|Property|TestFactory|TestTemplate)$")) @chunk.test

[(block_comment) (line_comment)] @lead
