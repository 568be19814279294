; Uses of names that JavaScript and TypeScript share. Captures as in rust/references.scm.

(call_expression function: (identifier) @reference.call)
(call_expression function: (member_expression object: (_) @receiver property: [(property_identifier) (private_property_identifier)] @reference.method))
(new_expression constructor: (identifier) @reference.type)
(new_expression constructor: (member_expression object: (_) @qualifier property: (property_identifier) @reference.type))
(member_expression object: (_) @receiver property: [(property_identifier) (private_property_identifier)] @reference.field)
(object (pair key: (property_identifier) @reference.field))
(shorthand_property_identifier) @reference.value
(identifier) @reference.value
