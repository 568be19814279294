---@brief
---
--- Whittle: AI code actions (explain, refactor, generate tests and your own) with the smallest context a model needs,
--- and offline without any. `cargo install --path . --locked` in Whittle's folder installs the server.

---@type vim.lsp.Config
return {
  cmd = { 'whittle', 'lsp' },
  -- stylua: ignore
  filetypes = {
    'rust', 'python', 'typescript', 'typescriptreact', 'javascript', 'javascriptreact', 'go', 'java', 'c', 'cpp', 'cs',
    'ruby', 'php', 'lua', 'sh', 'bash', 'kotlin', 'swift', 'scala', 'elixir', 'haskell', 'zig', 'markdown', 'toml',
    'yaml', 'json', 'jsonc', 'html', 'css',
  },
  root_markers = { 'whittle.toml', '.git', 'Cargo.toml', 'package.json', 'pyproject.toml', 'go.mod' },
}
