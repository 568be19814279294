; Definitions of Elixir, all of them calls. See docs/languages.md.

(call target: (identifier) @_def (arguments . (alias) @name) (do_block) @body (#eq? @_def "defmodule")) @chunk.module
(call target: (identifier) @_def (arguments . (alias) @name) (do_block . (unary_operator operand: (call target: (identifier) @_moduledoc (arguments (string) @doc))))
  (#eq? @_def "defmodule") (#eq? @_moduledoc "moduledoc")) @chunk.module
(call target: (identifier) @_def (arguments . (alias) @name) (do_block) @body (#eq? @_def "defprotocol")) @chunk.interface
(call target: (identifier) @_def (arguments . (alias) @qualifier (keywords (pair value: (_) @name))) (do_block) @body
  (#eq? @_def "defimpl")) @chunk.impl
(call target: (identifier) @name (arguments) @body (#any-of? @name "defstruct" "defexception")) @chunk.type

(call target: (identifier) @_def
  (arguments . [
    (identifier) @name
    (call target: (identifier) @name)
    (binary_operator left: [(identifier) @name (call target: (identifier) @name)] operator: "when")
  ] (keywords)? @body)
  (#any-of? @_def "def" "defp" "defdelegate" "defn" "defnp")) @chunk.function
(call target: (identifier) @_def
  (arguments . [
    (identifier) @name
    (call target: (identifier) @name)
    (binary_operator left: [(identifier) @name (call target: (identifier) @name)] operator: "when")
  ])
  (do_block) @body
  (#any-of? @_def "def" "defp" "defn" "defnp")) @chunk.function
(call target: (identifier) @_def
  (arguments . [
    (identifier) @name
    (call target: (identifier) @name)
    (binary_operator left: [(identifier) @name (call target: (identifier) @name)] operator: "when")
  ] (keywords)? @body)
  (do_block)? @body
  (#any-of? @_def "defmacro" "defmacrop" "defguard" "defguardp")) @chunk.macro

(unary_operator operator: "@" operand: (call target: (identifier) @_type
    (arguments (binary_operator left: [(identifier) @name (call target: (identifier) @name)] operator: "::" right: (_) @body)))
  (#any-of? @_type "type" "typep" "opaque")) @chunk.type
(unary_operator operator: "@" operand: (call target: (identifier) @_callback
    (arguments (binary_operator left: (call target: (identifier) @name) operator: "::")))
  (#any-of? @_callback "callback" "macrocallback")) @chunk.function
(unary_operator operator: "@" operand: (call target: (identifier) @name (arguments (_) @body))
  (#not-any-of? @name "moduledoc" "doc" "typedoc" "spec" "impl" "type" "typep" "opaque" "callback" "macrocallback" "behaviour"
    "deprecated" "since" "tag" "moduletag" "describetag" "derive" "enforce_keys" "dialyzer" "compile" "optional_callbacks")) @chunk.constant

(call target: (identifier) @_runner (arguments . (string) @name) (do_block) @body (#any-of? @_runner "describe" "test" "property")) @chunk.test

(comment) @lead
((unary_operator operator: "@" operand: (call target: (identifier) @_lead)) @lead
  (#any-of? @_lead "doc" "typedoc" "spec" "impl" "deprecated" "since" "tag" "describetag"))
