; Names in Haskell that are no chunks of their own, and types as they are written. See docs/languages.md.

(field name: (field_name (variable) @field) type: (_) @type)
(data_constructor constructor: (_ name: (constructor) @variant))
(newtype_constructor name: (constructor) @variant)
(class_declarations (signature name: (variable) @typed type: (_) @type))
(type_synonym name: (name) @typed type: (_) @type)
(deriving classes: (_ (name) @base))
(instance name: (_) @base)
