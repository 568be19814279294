; Definitions of Kotlin. See docs/languages.md.

(class_declaration
  (modifiers)? @_modifiers
  "class"
  name: (identifier) @name
  (class_body)? @body
  (#not-match? @_modifiers "\\benum\\b")) @chunk.class
(class_declaration "class" name: (identifier) @name (enum_class_body) @body) @chunk.type
(class_declaration "interface" name: (identifier) @name (class_body)? @body) @chunk.interface
(object_declaration name: (identifier) @name (class_body)? @body) @chunk.class
(type_alias type: (identifier) @name) @chunk.type

(function_declaration name: (identifier) @name (function_body)? @body) @chunk.function
; of another type
(function_declaration (user_type (identifier) @qualifier) . "." . name: (identifier) @name) @chunk.function
(secondary_constructor "constructor" @name (block)? @body) @chunk.function
(property_declaration (variable_declaration . (identifier) @name) (getter (function_body)) @body) @chunk.function

(source_file (property_declaration (variable_declaration . (identifier) @name)) @chunk.constant)
(source_file (property_declaration (variable_declaration . (identifier) @name) "=" . (_) @body) @chunk.constant)
(property_declaration
  (modifiers (property_modifier) @_const)
  (variable_declaration . (identifier) @name)
  "=" . (_) @body
  (#eq? @_const "const")) @chunk.constant

(function_declaration
  (modifiers (annotation [
    (user_type (identifier) @_annotation .)
    (constructor_invocation (user_type (identifier) @_annotation .))
  ]))
  name: (identifier) @name
  (function_body) @body
  (#match? @_annotation "^(\\w*Test|TestFactory|TestTemplate|Property)$")) @chunk.test

[(block_comment) (line_comment)] @lead
