; What stays of a folded body is the same as in javascript/folds.scm: only types differ.
