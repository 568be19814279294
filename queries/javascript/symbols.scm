; Names that JavaScript and TypeScript share and that are no chunks of their own. See docs/languages.md.

(assignment_expression left: (member_expression object: (this) property: (property_identifier) @field) right: (_) @value)
(class_heritage (_) @base)
