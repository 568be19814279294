; Sections of JSON: the keys of its object, and those one level below. See docs/languages.md.

(document (object (pair key: (string (string_content) @name) value: (_) @body) @chunk.section))
(document (object (pair value: (object (pair key: (string (string_content) @name) value: (_) @body) @chunk.section))))

(comment) @lead
