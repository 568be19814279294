--- Hunks under review, drawn: a sign beside each line, and what was done after the first. They come as diagnostics, and
--- leave the editor's diagnostics here, so that no list or count of those has them.

local M = {}

local api = vim.api
local space = api.nvim_create_namespace('whittle.hunks')

local groups = { added = 'WhittleAdded', changed = 'WhittleChanged', deleted = 'WhittleDeleted' }

for name, link in pairs({
  WhittleAdded = 'Added',
  WhittleChanged = 'Changed',
  WhittleDeleted = 'Removed',
  WhittleHunk = 'DiagnosticHint',
  WhittleHunkFault = 'DiagnosticWarn',
}) do
  api.nvim_set_hl(0, name, { link = link, default = true })
end

---@class whittle.Hunk
---@field job integer
---@field hunk integer
---@field row integer from 0

--- The hunks of a buffer by the extmark at their first line.
---@type table<integer, table<integer, { job: integer, hunk: integer }>>
local known = {}

---@param buf integer
---@param diagnostic lsp.Diagnostic
---@param says boolean whether what was done is told, which is the same for all hunks of a job
local function draw(buf, diagnostic, says)
  local data = diagnostic.data
  local range, last_row = data.range, api.nvim_buf_line_count(buf) - 1
  local first = math.min(range.start.line, last_row)
  local last = range['end'].line
  if range['end'].character == 0 and last > first then
    last = last - 1 -- up to the next line, which is not a part of it
  end
  local sign_group = groups[data.kind] or groups.changed
  local fault = diagnostic.severity < vim.diagnostic.severity.HINT
  local message = '  ' .. diagnostic.message:gsub('\n.*', '')
  local text = { { message, fault and 'WhittleHunkFault' or 'WhittleHunk' } }
  for row = first, math.min(last, last_row) do
    local id = api.nvim_buf_set_extmark(buf, space, row, 0, {
      sign_text = data.kind == 'deleted' and '▁' or '▎',
      sign_hl_group = sign_group,
      priority = 12,
      virt_text = row == first and says and text or nil,
      hl_mode = 'combine',
    })
    if row == first then
      known[buf][id] = { job = data.job, hunk = data.hunk }
    end
  end
end

--- Takes the hunks of a buffer away: nobody looks after them any more.
---@param buf integer
function M.clear(buf)
  api.nvim_buf_clear_namespace(buf, space, 0, -1)
  known[buf] = nil
end

--- Draws the hunks among a file's diagnostics; gives the others.
---@param params lsp.PublishDiagnosticsParams
---@param id integer
---@return lsp.Diagnostic[]
function M.take(params, id)
  if not require('whittle').options.hunks then
    return params.diagnostics
  end
  local buf = vim.uri_to_bufnr(params.uri)
  local others = {}
  if not api.nvim_buf_is_loaded(buf) then
    return others
  end
  M.clear(buf)
  known[buf] = {}
  local told = {} ---@type table<string, true>
  for _, diagnostic in ipairs(params.diagnostics) do
    if diagnostic.code == 'hunk' and type(diagnostic.data) == 'table' then
      draw(buf, diagnostic, not told[diagnostic.message])
      told[diagnostic.message] = true
    else
      table.insert(others, diagnostic)
    end
  end
  return others
end

--- The hunks of a buffer from top to bottom, where they are now.
---@param buf integer
---@return whittle.Hunk[]
function M.list(buf)
  local found = {}
  for _, mark in ipairs(api.nvim_buf_get_extmarks(buf, space, 0, -1, {})) do
    local hunk = (known[buf] or {})[mark[1]]
    if hunk then
      table.insert(found, { job = hunk.job, hunk = hunk.hunk, row = mark[2] })
    end
  end
  return found
end

--- Goes to the next hunk of this buffer, or to the one before; round at its ends.
---@param forward boolean
function M.jump(forward)
  local hunks = M.list(api.nvim_get_current_buf())
  if #hunks == 0 then
    return vim.notify('Whittle: no hunk is under review in this file')
  end
  local row = api.nvim_win_get_cursor(0)[1] - 1
  local target = forward and hunks[1] or hunks[#hunks]
  for i = forward and #hunks or 1, forward and 1 or #hunks, forward and -1 or 1 do
    local hunk = hunks[i]
    if (forward and hunk.row > row) or (not forward and hunk.row < row) then
      target = hunk
    end
  end
  vim.cmd("normal! m'")
  api.nvim_win_set_cursor(0, { target.row + 1, 0 })
  vim.cmd('normal! ^zv')
end

--- The job of the hunk nearest above the cursor, else of the first one below.
---@return integer?
function M.job()
  local row, hunks = api.nvim_win_get_cursor(0)[1] - 1, M.list(api.nvim_get_current_buf())
  local found = hunks[1]
  for _, hunk in ipairs(hunks) do
    if hunk.row <= row then
      found = hunk
    end
  end
  return found and found.job
end

return M
