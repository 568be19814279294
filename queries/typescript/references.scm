; Uses of names that only TypeScript has. Captures as in rust/references.scm.

(type_identifier) @reference.type
