; Sections of YAML: the keys of its documents, and those one level below. See docs/languages.md.

(document (block_node (block_mapping (block_mapping_pair key: (_) @name value: (_)? @body) @chunk.section)))
(document (block_node (block_mapping (block_mapping_pair value: (block_node
  (block_mapping (block_mapping_pair key: (_) @name value: (_)? @body) @chunk.section))))))

(comment) @lead
