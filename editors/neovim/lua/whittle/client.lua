--- The client's side of the protocol: what the server is told and asked, and what it asks back.

local M = {}

local modern = vim.fn.has('nvim-0.11') == 1

---@param client vim.lsp.Client
---@param method string
---@param params table
---@param handler? fun(err: table?, result: any)
---@param buf? integer
function M.request(client, method, params, handler, buf)
  if modern then
    client:request(method, params, handler, buf)
  else
    client.request(method, params, handler, buf)
  end
end

--- The client of a buffer, else any.
---@param buf integer
---@return vim.lsp.Client?
function M.of(buf)
  return vim.lsp.get_clients({ bufnr = buf, name = 'whittle' })[1]
end

--- A column in bytes as the server counts it.
---@param line string
---@param byte integer
---@param encoding string
---@return integer
local function column(line, byte, encoding)
  byte = math.min(byte, #line)
  if encoding == 'utf-8' then
    return byte
  end
  if modern then
    return vim.str_utfindex(line, encoding, byte, false)
  end
  local utf32, utf16 = vim.str_utfindex(line, byte)
  return encoding == 'utf-32' and utf32 or utf16
end

--- A place of a buffer as the server counts it; rows and bytes from 0.
---@param buf integer
---@param row integer
---@param byte integer
---@param encoding string
---@return lsp.Position
function M.position(buf, row, byte, encoding)
  local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1] or ''
  return { line = row, character = column(line, byte, encoding) }
end

--- What other servers, linters and compilers say of some lines, where the client's own server can't know it.
---@param buf integer
---@param first integer from 0
---@param last integer from 0, itself included
---@param client vim.lsp.Client
---@return lsp.Diagnostic[]
function M.diagnostics(buf, first, last, client)
  local own = vim.lsp.diagnostic.get_namespace(client.id)
  local found = {}
  for _, item in ipairs(vim.diagnostic.get(buf)) do
    local end_row = item.end_lnum or item.lnum
    if item.namespace ~= own and item.lnum <= last and end_row >= first then
      table.insert(found, {
        range = {
          start = M.position(buf, item.lnum, item.col, client.offset_encoding),
          ['end'] = M.position(buf, end_row, item.end_col or item.col, client.offset_encoding),
        },
        severity = item.severity,
        code = item.code,
        source = item.source,
        message = item.message,
      })
    end
  end
  return found
end

--- Where something was asked, and from which window: an answer is shown there if the user still is.
---@class whittle.Place
---@field win integer
---@field buf integer
---@field cursor integer[]

---@return whittle.Place
function M.here()
  local win = vim.api.nvim_get_current_win()
  return { win = win, buf = vim.api.nvim_win_get_buf(win), cursor = vim.api.nvim_win_get_cursor(win) }
end

---@type whittle.Place?
M.asked = nil

--- Commands that change no file.
local READS = { ['whittle.explain'] = true, ['whittle.context'] = true }

--- Runs a command of the server. An empty `ask` is asked for first.
---@param client vim.lsp.Client
---@param command string
---@param arguments? table
---@param title? string
function M.execute(client, command, arguments, title)
  local here = M.here()
  local buf = here.buf
  if vim.api.nvim_buf_get_name(buf) == '' and arguments and arguments.uri and not READS[command] then
    -- Neovim finds no buffer for the edit
    local message = 'Whittle: save this buffer under a name first; without one it can be explained only'
    return vim.notify(message, vim.log.levels.WARN)
  end
  M.asked = here
  local function send()
    local params = { command = command, arguments = arguments and { arguments } or nil }
    M.request(client, 'workspace/executeCommand', params, function(err)
      if err then
        vim.notify('Whittle: ' .. err.message, vim.log.levels.ERROR)
      end
    end, buf)
  end
  if not arguments or arguments.ask ~= '' then
    return send()
  end
  vim.ui.input({ prompt = (title or 'Whittle') .. ': ' }, function(text)
    if text then
      arguments.ask = vim.trim(text) ~= '' and text or nil
      send()
    end
  end)
end

--- Commands that actions carry and that go through `execute`.
local function commands()
  local found = {}
  for _, name in ipairs({ 'explain', 'refactor', 'test', 'document', 'run', 'fix', 'context' }) do
    found['whittle.' .. name] = function(command, ctx)
      local client = vim.lsp.get_client_by_id(ctx.client_id)
      local arguments = command.arguments and command.arguments[1]
      if client then
        M.execute(client, command.command, arguments, (command.title or ''):gsub('…$', ''))
      end
    end
  end
  return found
end

--- Makes what was typed in insert mode one undo step, so that what comes next is one of its own.
local function break_undo()
  vim.cmd('let &l:undolevels = &l:undolevels')
end

--- Sends what changed at once, where Neovim waits up to 150 ms: the server goes by the text that it knows.
---@param client vim.lsp.Client
---@param edit lsp.WorkspaceEdit
local function flush(client, edit)
  local known, tracking = pcall(require, 'vim.lsp._changetracking') -- without it all goes on, but later
  for _, change in ipairs(known and edit.documentChanges or {}) do
    if change.textDocument then
      pcall(tracking.flush, client, vim.uri_to_bufnr(change.textDocument.uri))
    end
  end
end

--- Whether something was typed since the edit was worked out. Neovim itself looks at the first file only.
---@param edit lsp.WorkspaceEdit
---@return boolean
local function stale(edit)
  for _, change in ipairs(edit.documentChanges or {}) do
    local version = change.textDocument and change.textDocument.version
    if type(version) == 'number' and version > 0 then
      local buf = vim.uri_to_bufnr(change.textDocument.uri)
      if (vim.lsp.util.buf_versions[buf] or 0) > version then
        return true
      end
    end
  end
  return false
end

local handlers = {}

handlers['workspace/applyEdit'] = function(err, params, ctx, config)
  local client = assert(vim.lsp.get_client_by_id(ctx.client_id))
  if stale(params.edit) then
    flush(client, params.edit) -- the server fits the edit to it and sends it again before the next key
    return { applied = false, failureReason = 'the text changed meanwhile' }
  end
  params.label = nil -- Neovim would print it; the job's progress says the same
  local typing = vim.api.nvim_get_mode().mode:sub(1, 1) == 'i'
  if typing then
    break_undo()
  end
  local result = vim.lsp.handlers['workspace/applyEdit'](err, params, ctx, config)
  if typing and vim.fn.pumvisible() == 0 then
    vim.api.nvim_feedkeys(vim.keycode('<C-g>u'), 'in', false) -- what is typed from here on is a step of its own, too
  end
  flush(client, params.edit)
  return result
end

handlers['window/showDocument'] = function(err, params, ctx, config)
  if not vim.startswith(params.uri, 'whittle:') then
    return vim.lsp.handlers['window/showDocument'](err, params, ctx, config)
  end
  local client = vim.lsp.get_client_by_id(ctx.client_id)
  if not client then
    return { success = false }
  end
  M.request(client, 'workspace/textDocumentContent', { uri = params.uri }, function(failed, result)
    if not failed and type(result) == 'table' and result.text then
      require('whittle.page').show(result.text, M.asked)
    end
  end)
  return { success = true }
end

handlers['textDocument/publishDiagnostics'] = function(err, params, ctx, config)
  params.diagnostics = require('whittle.hunks').take(params, ctx.client_id)
  return vim.lsp.handlers['textDocument/publishDiagnostics'](err, params, ctx, config)
end

handlers['whittle/status'] = function(_, params, ctx)
  require('whittle.status').take(params, ctx.client_id)
end

--- What the plugin adds to the server's configuration.
---@param options whittle.Options
---@return vim.lsp.Config
function M.config(options)
  return {
    cmd = options.cmd,
    filetypes = options.filetypes,
    settings = options.settings and { whittle = options.settings } or nil,
    init_options = { asks = true, status = true },
    capabilities = { workspace = { textDocumentContent = { dynamicRegistration = false } } },
    handlers = handlers,
    commands = commands(),
  }
end

---@type table<integer, true>
local attached = {}

--- Lets the server's requests for actions know of all diagnostics: Neovim sends a server its own only.
---@param id integer
function M.attach(id)
  local client = vim.lsp.get_client_by_id(id)
  if not client or client.name ~= 'whittle' or attached[id] then
    return
  end
  attached[id] = true
  local request = client.rpc.request
  client.rpc.request = function(method, params, ...)
    if method == 'textDocument/codeAction' and params.context.triggerKind ~= 2 then
      local buf = vim.uri_to_bufnr(params.textDocument.uri)
      local others = M.diagnostics(buf, params.range.start.line, params.range['end'].line, client)
      params.context.diagnostics = vim.list_extend(others, params.context.diagnostics or {})
    end
    return request(method, params, ...)
  end
end

return M
