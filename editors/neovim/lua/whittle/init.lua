--- Whittle in Neovim: the options, and the start of the server. |whittle|

local M = {}

---@class whittle.Options
---@field cmd? string[] what starts the server
---@field filetypes? string[] where it runs
---@field settings? table Whittle's own settings, as its configuration file has them
---@field enable? boolean false: the server is started by lines of your own
---@field explain? 'float'|'split'|'vsplit' where explanations are shown
---@field border? string|string[] of the floating window; nil: 'winborder', else "rounded"
---@field hunks? boolean false: hunks under review stay plain diagnostics
---@field progress? boolean false: nothing of running jobs on the last line

---@type whittle.Options
local defaults = { enable = true, explain = 'float', hunks = true, progress = true }

---@type whittle.Options
M.options = vim.tbl_extend('force', defaults, vim.g.whittle or {})

local modern = vim.fn.has('nvim-0.11') == 1
local group = vim.api.nvim_create_augroup('whittle', {})
local started = false

--- What starts the server: that of lsp/whittle.lua with the user's and the plugin's own parts.
---@return vim.lsp.ClientConfig|vim.lsp.Config
function M.server()
  if modern and vim.lsp.config.whittle then
    return vim.lsp.config.whittle
  end
  local base = dofile(vim.api.nvim_get_runtime_file('lsp/whittle.lua', false)[1])
  return vim.tbl_deep_extend('force', base, require('whittle.client').config(M.options))
end

--- What to do where the server is not installed; nil: it is. One line, so that it need not be confirmed.
---@return string?
function M.missing()
  local cmd = M.server().cmd
  if type(cmd) ~= 'table' or vim.fn.executable(cmd[1]) == 1 then
    return nil
  end
  -- beside the plugin lies the server's source, unless the plugin was copied
  local file = vim.fs.normalize(vim.uv.fs_realpath(debug.getinfo(1, 'S').source:sub(2)) or '')
  local folder = file:match('^(.*)/editors/neovim/lua/whittle/init.lua$')
  if folder and not vim.uv.fs_stat(folder .. '/Cargo.toml') then
    folder = nil
  end
  local install = ('cargo install --path %s --locked'):format(folder and vim.fn.fnamemodify(folder, ':~') or '.')
  return ('`%s` is missing. Run: %s%s'):format(cmd[1], install, folder and '' or " (in Whittle's folder)")
end

---@param buf integer
local function start_old(buf)
  local server = M.server()
  if vim.bo[buf].buftype ~= '' or not vim.list_contains(server.filetypes, vim.bo[buf].filetype) then
    return
  end
  server.name = 'whittle'
  server.root_dir = vim.fs.root(buf, server.root_markers)
  server.capabilities = vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), server.capabilities)
  vim.lsp.start(server, { bufnr = buf })
end

local function enable()
  if not M.options.enable then
    return
  end
  local missing = M.missing()
  if missing then
    vim.api.nvim_create_autocmd('FileType', {
      group = group,
      pattern = M.server().filetypes,
      callback = function()
        vim.notify_once('Whittle: ' .. missing, vim.log.levels.WARN)
      end,
    })
  elseif modern then
    vim.lsp.enable('whittle')
  else
    vim.api.nvim_create_autocmd('FileType', {
      group = group,
      callback = function(event)
        start_old(event.buf)
      end,
    })
    for _, buf in ipairs(vim.api.nvim_list_bufs()) do
      if vim.api.nvim_buf_is_loaded(buf) then
        start_old(buf)
      end
    end
  end
end

--- Sets options; needless where the defaults will do.
---@param options? whittle.Options
function M.setup(options)
  M.options = vim.tbl_extend('force', M.options, options or {})
  if started and modern then
    vim.lsp.config('whittle', require('whittle.client').config(M.options))
  end
end

--- Makes the server known and starts it for files that are or will be open. Called when the plugin is loaded.
function M.start()
  if started then
    return
  end
  started = true
  if modern then
    vim.lsp.config('whittle', require('whittle.client').config(M.options))
  end
  vim.api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(event)
      require('whittle.client').attach(event.data.client_id)
    end,
  })
  vim.api.nvim_create_autocmd('LspDetach', {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == 'whittle' and vim.api.nvim_buf_is_valid(event.buf) then
        require('whittle.hunks').clear(event.buf)
      end
    end,
  })
  vim.api.nvim_create_autocmd('LspProgress', {
    group = group,
    callback = function(event)
      require('whittle.status').progress(event.data)
    end,
  })
  if vim.v.vim_did_enter == 1 then
    vim.schedule(enable) -- after the setup() that may follow
  else
    enable()
  end
end

--- For a status line: the model, what runs, the hunks under review, what today cost. Empty where no server runs.
---@return string
function M.status()
  return require('whittle.status').line()
end

return M
