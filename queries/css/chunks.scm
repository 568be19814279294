; Sections of CSS: rule sets and at-rules with a block. See docs/languages.md.

(rule_set (selectors) @name (block) @body) @chunk.section
(media_statement . _ @name . (_)* @name . (block) @body) @chunk.section
(supports_statement . _ @name . (_)* @name . (block) @body) @chunk.section
(keyframes_statement . _ @name . (keyframes_name) @name (keyframe_block_list) @body) @chunk.section
(at_rule . (at_keyword) @name . (_)* @name . (block) @body) @chunk.section

(comment) @lead
