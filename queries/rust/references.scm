; Uses of names in Rust. Captures: @reference.call|method|macro|type|field|value the name, @receiver what a method is
; called on, @qualifier the path before a name. Of several captures of one name the first in this list of kinds counts.

(call_expression function: (identifier) @reference.call)
(call_expression function: (scoped_identifier path: (_) @qualifier name: (identifier) @reference.call))
(call_expression function: (field_expression value: (_) @receiver field: (field_identifier) @reference.method))
(generic_function function: (identifier) @reference.call)
(generic_function function: (scoped_identifier path: (_) @qualifier name: (identifier) @reference.call))
(generic_function function: (field_expression value: (_) @receiver field: (field_identifier) @reference.method))
(macro_invocation macro: (identifier) @reference.macro)
(macro_invocation macro: (scoped_identifier path: (_) @qualifier name: (identifier) @reference.macro))
; arguments of macros are bare tokens: a name before a parenthesis is taken for a call
(token_tree (identifier) @reference.call . (token_tree) @_arguments (#match? @_arguments "^\\("))
(type_identifier) @reference.type
(field_expression value: (_) @receiver field: (field_identifier) @reference.field)
(scoped_identifier path: (_) @qualifier name: (identifier) @reference.value)
(identifier) @reference.value
