; Sections of HTML: elements with an id, scripts and styles. See docs/languages.md.

(element
  . (start_tag (attribute (attribute_name) @_id [(attribute_value) @name (quoted_attribute_value (attribute_value) @name)])) . (_)? @body
  (#eq? @_id "id")) @chunk.section
(element
  (self_closing_tag (attribute (attribute_name) @_id [(attribute_value) @name (quoted_attribute_value (attribute_value) @name)]))
  (#eq? @_id "id")) @chunk.section
(script_element (start_tag (tag_name) @name) . (raw_text) @body) @chunk.section
(style_element (start_tag (tag_name) @name) . (raw_text) @body) @chunk.section

(comment) @lead
