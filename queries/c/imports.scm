; What a file of C or C++ includes: all that it declares. See docs/languages.md.

(preproc_include path: (string_literal (string_content) @module)) @import @glob
(preproc_include path: (system_lib_string) @module) @import @glob
