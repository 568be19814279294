--- What the server says of itself: its model, running jobs, hunks under review; and progress on the last line.

local M = {}

---@class whittle.Job
---@field job integer
---@field title string
---@field message? string
---@field percentage? integer

---@class whittle.Operation
---@field name string
---@field title string
---@field asks boolean
---@field builtIn boolean
---@field answer string

---@class whittle.Status
---@field model string the default route's next model
---@field jobs whittle.Job[]
---@field costToday number in US dollars
---@field operations whittle.Operation[]
---@field hunks integer

---@type table<integer, whittle.Status>
local known = {}

--- The state of a buffer's server.
---@param buf integer
---@return whittle.Status?
function M.of(buf)
  local client = require('whittle.client').of(buf)
  return client and known[client.id]
end

---@param status whittle.Status
---@param id integer
function M.take(status, id)
  known[id] = status
  vim.api.nvim_exec_autocmds('User', { pattern = 'WhittleStatus', modeline = false, data = status })
  vim.cmd.redrawstatus()
end

---@param cost number?
---@return string?
local function price(cost)
  if not cost or cost <= 0 then
    return nil
  end
  return (cost < 0.01 and '$%.4f' or '$%.2f'):format(cost)
end

---@param job whittle.Job
---@return string
local function job_line(job)
  local percentage = job.percentage and (' %d%%'):format(job.percentage) or ''
  return job.title .. (job.message and ': ' .. job.message or '') .. percentage
end

--- The parts of the state, most urgent first.
---@param status whittle.Status
---@return string[]
local function parts(status)
  local found = {}
  for _, job in ipairs(status.jobs) do
    table.insert(found, job_line(job))
  end
  if status.hunks > 0 then
    table.insert(found, ('%d hunk%s to review'):format(status.hunks, status.hunks == 1 and '' or 's'))
  end
  table.insert(found, price(status.costToday))
  return found
end

---@return string
function M.line()
  local status = M.of(vim.api.nvim_get_current_buf())
  if not status then
    return ''
  end
  return table.concat({ 'whittle ' .. status.model, unpack(parts(status)) }, ' · ')
end

--- The same at length, for `:Whittle status`.
---@param buf integer
---@return string
function M.report(buf)
  local client = require('whittle.client').of(buf)
  local status = client and known[client.id]
  if not client or not status then
    return 'Whittle: no server runs for this buffer; see :checkhealth whittle'
  end
  local lines = { 'Whittle: model ' .. status.model }
  vim.list_extend(lines, parts(status))
  table.insert(lines, 'workspace ' .. (client.root_dir and vim.fn.fnamemodify(client.root_dir, ':~') or '(none)'))
  return table.concat(lines, '\n  ')
end

local native = vim.fn.has('nvim-0.12') == 1 -- progress is a kind of message there
---@type table<string, integer|string>
local messages = {}

--- Shows what a job does on the last line, never longer than that line.
---@param data { client_id: integer, params: lsp.ProgressParams }
function M.progress(data)
  local client = vim.lsp.get_client_by_id(data.client_id)
  if not client or client.name ~= 'whittle' or not require('whittle').options.progress then
    return
  end
  local value, token = data.params.value, data.params.token
  local ended = value.kind == 'end'
  local text = ('%s%s'):format(value.title or '', value.message and ': ' .. value.message or ''):gsub('\n.*', '')
  -- with `Whittle: ` before it; a longer line would have to be confirmed
  text = vim.fn.strcharpart(text, 0, math.max(vim.v.echospace - 16, 0))
  if native then
    messages[token] = vim.api.nvim_echo({ { text } }, false, {
      id = messages[token],
      kind = 'progress',
      source = 'whittle',
      title = 'Whittle',
      status = ended and (value.message == 'failed' and 'failed' or 'success') or 'running',
      percent = value.percentage,
    })
    messages[token] = not ended and messages[token] or nil
  elseif vim.api.nvim_get_mode().mode == 'n' then
    vim.api.nvim_echo({ { 'Whittle: ' .. text } }, false, {})
  end
end

return M
