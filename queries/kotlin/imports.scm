; What a file of Kotlin takes from elsewhere. See docs/languages.md.

((import (qualified_identifier) @path .) @import (#not-match? @import "\\*"))
(import (qualified_identifier) @path (identifier) @alias) @import
(import (qualified_identifier) @module "*") @import @glob
