; Names in Python that are no chunks of their own, and types as they are written. See docs/languages.md.

(assignment left: (attribute object: (identifier) @_self attribute: (identifier) @field) type: (type)? @type right: (_)? @value
  (#any-of? @_self "self" "cls"))
(function_definition name: (identifier) @typed return_type: (type) @type)
(assignment left: (identifier) @typed type: (type)? @type right: (_)? @value)
(class_definition superclasses: (argument_list [(identifier) (attribute) (subscript)] @base))
