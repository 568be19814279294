; Sections of Markdown: a heading with `#` and all up to the next one of its level or above. The grammar makes no section of
; an underlined heading. See docs/languages.md.

(section . (atx_heading heading_content: (inline) @name) . (_)? @body) @chunk.section
