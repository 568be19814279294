; Definitions of Rust. Captures: @chunk.KIND the item, @name, @body, @qualifier (the trait of an impl),
; @lead what may stand above an item and belong to it, @lead.test one that makes it a test.

(function_item name: (identifier) @name body: (block) @body) @chunk.function
(function_signature_item name: (identifier) @name) @chunk.function
(struct_item name: (type_identifier) @name body: (_)? @body) @chunk.type
(enum_item name: (type_identifier) @name body: (_) @body) @chunk.type
(union_item name: (type_identifier) @name body: (_) @body) @chunk.type
(type_item name: (type_identifier) @name) @chunk.type
(trait_item name: (type_identifier) @name body: (declaration_list) @body) @chunk.interface
(impl_item trait: (_)? @qualifier type: (_) @name body: (declaration_list) @body) @chunk.impl
(mod_item name: (identifier) @name body: (declaration_list)? @body) @chunk.module
(const_item name: (identifier) @name value: (_)? @body) @chunk.constant
(static_item name: (identifier) @name value: (_)? @body) @chunk.constant
(macro_definition name: (identifier) @name (macro_rule) @body) @chunk.macro

; documentation of what is around, `//!`, belongs to nothing below it
((line_comment) @lead (#not-match? @lead "^//!"))
((block_comment) @lead (#not-match? @lead "^/\\*!"))
(attribute_item) @lead
((attribute_item) @lead.test
  (#match? @lead.test "^#\\[\\s*(cfg\\s*\\(\\s*test\\s*\\)|(\\w+\\s*::\\s*)*(test|rstest|test_case|quickcheck|proptest)\\b)"))
