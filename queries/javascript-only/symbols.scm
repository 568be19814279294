; Names of JavaScript that TypeScript's grammar names differently. See docs/languages.md.

(field_definition property: (_) @field value: (_)? @value)
