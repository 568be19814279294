; Names in Ruby that are no chunks of their own. See docs/languages.md.

(call method: (identifier) @_attr arguments: (argument_list (simple_symbol) @field)
  (#match? @_attr "^((c|m)?attr(ibute)?(_(reader|writer|accessor|internal))?s?|property|has_(one|many)|belongs_to)$"))
(call receiver: (constant) @_maker method: (identifier) @_new arguments: (argument_list (simple_symbol) @field)
  (#any-of? @_maker "Struct" "Data") (#any-of? @_new "new" "define"))
(assignment left: [(instance_variable) (class_variable)] @field right: (_) @value)
(operator_assignment left: [(instance_variable) (class_variable)] @field right: (_) @value)
(assignment left: (constant) @typed right: (_) @value)
(superclass [(constant) (scope_resolution) (call)] @base)
(call !receiver method: (identifier) @_mixin arguments: (argument_list [(constant) (scope_resolution)] @base)
  (#any-of? @_mixin "include" "extend" "prepend"))
