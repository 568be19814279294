; Definitions of Haskell: each clause of a function by itself. See docs/languages.md.

(data_type name: (name) @name constructors: (_)? @body) @chunk.type
(newtype name: (name) @name constructor: (_) @body) @chunk.type
(type_synonym name: (name) @name type: (_) @body) @chunk.type
(class name: (name) @name declarations: (_)? @body) @chunk.interface
(instance name: (_) @qualifier patterns: (type_patterns . (_) @name) declarations: (_)? @body) @chunk.impl
(class_declarations (signature name: (variable) @name) @chunk.function)
(function name: (variable) @name match: (_)+ @body binds: (_)? @body) @chunk.function
(function (infix (operator) @name) match: (_)+ @body binds: (_)? @body) @chunk.function
(declarations (bind name: (variable) @name match: (_)+ @body binds: (_)? @body) @chunk.constant)
(declarations (bind name: (variable) @name match: (match expression: [(do) (lambda) (lambda_case)]) @body binds: (_)? @body) @chunk.function)

[(comment) (haddock) (pragma)] @lead
; the type of what stands below it
(signature) @lead
