; Sections of Markdown: a heading and all up to the next one of its level or above. See docs/languages.md.

(section . (atx_heading heading_content: (inline) @name) . (_)* @body) @chunk.section

; the grammar makes no section of a heading that is underlined: it reaches up to the next heading of any level
(section
  (setext_heading heading_content: (paragraph (inline) @name)) @chunk.section
  .
  [
    (paragraph) (list) (fenced_code_block) (indented_code_block) (block_quote) (pipe_table) (html_block) (thematic_break)
    (link_reference_definition)
  ]* @chunk.section @body)
