; Sections of YAML: the keys of its documents, and those one level below; of a list its items, each by the value of its
; first key. See docs/languages.md.

(document (block_node (block_mapping (block_mapping_pair key: (_) @name value: (_)? @body) @chunk.section)))
(document (block_node (block_mapping (block_mapping_pair value: (block_node
  (block_mapping (block_mapping_pair key: (_) @name value: (_)? @body) @chunk.section))))))
(document (block_node (block_sequence
  (block_sequence_item (block_node (block_mapping . (block_mapping_pair value: (flow_node) @name) . (_)? @body))) @chunk.section)))

(comment) @lead
