--- `:Whittle`: a subcommand, and after it what to do in words of the user's own.

local M = {}

local client_of = require('whittle.client').of

---@class whittle.Call
---@field buf integer
---@field client vim.lsp.Client
---@field range lsp.Range what was selected; else the cursor
---@field rest string what stands after the subcommand
---@field menu fun(only: string)

---@param message string
---@param level? integer
local function say(message, level)
  vim.notify('Whittle: ' .. message, level or vim.log.levels.INFO)
end

--- The place of a call with more arguments.
---@param call whittle.Call
---@param more? table
---@return table
local function place(call, more)
  local arguments = {
    uri = vim.uri_from_bufnr(call.buf),
    range = call.range,
    version = vim.lsp.util.buf_versions[call.buf],
  }
  return vim.tbl_extend('error', arguments, more or {})
end

---@param call whittle.Call
---@param command string
---@param arguments? table
---@param title? string
local function execute(call, command, arguments, title)
  require('whittle.client').execute(call.client, 'whittle.' .. command, arguments, title)
end

--- An operation that is built in; what stands after its name says what is wanted.
---@param name string
---@return fun(call: whittle.Call)
local function operation(name)
  return function(call)
    execute(call, name, place(call, { ask = call.rest ~= '' and call.rest or nil }))
  end
end

---@param call whittle.Call
---@return whittle.Operation[]
local function own_operations(call)
  local status = require('whittle.status').of(call.buf)
  return vim.tbl_filter(function(found)
    return not found.builtIn
  end, status and status.operations or {})
end

---@type table<string, fun(call: whittle.Call)>
local commands = {
  explain = operation('explain'),
  test = operation('test'),
  document = operation('document'),
  context = operation('context'),
}

function commands.refactor(call)
  local status = require('whittle.status').of(call.buf)
  if call.rest == '' and status and status.model == 'offline' then
    return call.menu('refactor.rewrite.whittle') -- the rewrites that need no model, to choose from
  end
  operation('refactor')(call)
end

function commands.fix(call)
  local range = call.range
  local found = require('whittle.client').diagnostics(call.buf, range.start.line, range['end'].line, call.client)
  local ask = call.rest ~= '' and call.rest or nil
  execute(call, 'fix', place(call, { ask = ask, diagnostics = #found > 0 and found or nil }))
end

function commands.run(call)
  local name, ask = call.rest:match('^(%S+)%s*(.*)$')
  if not name then
    local names = vim.tbl_map(function(found)
      return found.name
    end, own_operations(call))
    local there = #names > 0 and table.concat(names, ', ') or 'none yet; `whittle run --new NAME` writes one'
    return say(':Whittle run NAME; your operations: ' .. there, vim.log.levels.WARN)
  end
  for _, found in ipairs(own_operations(call)) do
    if found.name == name then
      -- an empty ask is asked for
      local given = ask ~= '' and ask or found.asks and '' or nil
      return execute(call, 'run', place(call, { name = name, ask = given }), found.title)
    end
  end
  execute(call, 'run', place(call, { name = name, ask = ask ~= '' and ask or nil }))
end

--- Keeps or reverts the hunk at the cursor, or with `all` what its job did.
---@param name string
---@return fun(call: whittle.Call)
local function review(name)
  return function(call)
    if call.rest ~= 'all' then
      return execute(call, name, place(call))
    end
    local job = require('whittle.hunks').job()
    if job then
      return execute(call, name, { job = job })
    end
    say('no hunk is under review in this file')
  end
end

commands.keep = review('keep')
commands.revert = review('revert')

function commands.retry(call)
  execute(call, 'retry', place(call))
end

for _, name in ipairs({ 'cancel', 'undo', 'redo', 'apply', 'discard' }) do
  commands[name] = function(call)
    execute(call, name)
  end
end

function commands.next()
  require('whittle.hunks').jump(true)
end

function commands.prev()
  require('whittle.hunks').jump(false)
end

function commands.status(call)
  vim.api.nvim_echo({ { require('whittle.status').report(call.buf) } }, true, {})
end

function commands.log(call)
  local program, here = require('whittle').server().cmd[1], require('whittle.client').here()
  vim.system({ program, 'log' }, { cwd = call.client.root_dir, text = true }, function(ended)
    vim.schedule(function()
      if ended.code ~= 0 then
        return say(vim.trim(ended.stderr), vim.log.levels.ERROR)
      end
      require('whittle.page').show('# Whittle log\n\n```text\n' .. vim.trim(ended.stdout) .. '\n```', here)
    end)
  end)
end

--- What a command was given as a range: exact where it is the selection's.
---@param buf integer
---@param given { range: integer, line1: integer, line2: integer }
---@param encoding string
---@return lsp.Range
local function range_of(buf, given, encoding)
  local position = require('whittle.client').position
  if given.range == 0 then
    local cursor = vim.api.nvim_win_get_cursor(0)
    local at = position(buf, cursor[1] - 1, cursor[2], encoding)
    return { start = at, ['end'] = at }
  end
  local first, last = vim.fn.getpos("'<"), vim.fn.getpos("'>")
  if vim.fn.visualmode() == 'v' and first[2] == given.line1 and last[2] == given.line2 then
    local line = vim.fn.getline(last[2]) --[[@as string]]
    local stop = math.min(last[3], #line)
    -- the whole of the last character
    stop = stop + (stop > 0 and vim.str_utf_end(line, stop) or 0)
    return {
      start = position(buf, first[2] - 1, first[3] - 1, encoding),
      ['end'] = position(buf, last[2] - 1, stop, encoding),
    }
  end
  return {
    start = { line = given.line1 - 1, character = 0 },
    ['end'] = position(buf, given.line2 - 1, math.huge, encoding),
  }
end

---@param given vim.api.keyset.create_user_command.command_args
function M.run(given)
  local name, rest = vim.trim(given.args):match('^(%S*)%s*(.*)$')
  if name ~= '' and not commands[name] then
    return say(('there is no :Whittle %s; press <Tab> after :Whittle'):format(name), vim.log.levels.ERROR)
  end
  local buf = vim.api.nvim_get_current_buf()
  local client = client_of(buf)
  if not client then
    local missing = require('whittle').missing()
    if missing then
      return say(missing, vim.log.levels.ERROR)
    end
    return say('no server runs for this buffer; see :checkhealth whittle', vim.log.levels.ERROR)
  end
  local range = range_of(buf, given, client.offset_encoding)
  local function menu(only)
    local lines = { start = { given.line1, 0 }, ['end'] = { given.line2, #vim.fn.getline(given.line2) } }
    local context = { only = only and { only } or nil }
    vim.lsp.buf.code_action({ context = context, range = given.range > 0 and lines or nil })
  end
  if name == '' then
    return menu()
  end
  commands[name]({ buf = buf, client = client, range = range, rest = rest, menu = menu })
end

---@return string[]
function M.names()
  local names = vim.tbl_keys(commands)
  table.sort(names)
  return names
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local before = line:match('Whittle!?%s+(.*)$') or ''
  before = before:sub(1, #before - #lead)
  local candidates = {} ---@type string[]
  if before == '' then
    candidates = M.names()
  elseif before:match('^run%s+$') then
    local call = { buf = vim.api.nvim_get_current_buf() }
    for _, found in ipairs(own_operations(call)) do
      table.insert(candidates, found.name)
    end
  elseif before:match('^keep%s+$') or before:match('^revert%s+$') then
    candidates = { 'all' }
  end
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
end

return M
