--- Shows a page of Markdown, such as an explanation, beside the code: in a floating window or a split. Never takes the
--- focus.

local M = {}

local api = vim.api
local group = api.nvim_create_augroup('whittle.page', {})
local WIDEST = 100

---@type integer?
local shown

--- Closes the page that is open.
function M.close()
  if shown and api.nvim_win_is_valid(shown) then
    pcall(api.nvim_win_close, shown, true) -- the last window can't be closed
  end
  shown = nil
  api.nvim_clear_autocmds({ group = group })
end

--- The address of a link on the cursor's line: the one under the cursor, else the first.
---@return string?
local function link()
  local line, column = api.nvim_get_current_line(), api.nvim_win_get_cursor(0)[2] + 1
  local found ---@type string?
  for start, label, stop in line:gmatch('()%[[^%]]*%]([%[(][^%])]+[%])])()') do
    if not found or (start <= column and column < stop) then
      found = label
    end
  end
  local name = found and found:match('^%[(.*)%]$')
  if not name then
    return found and found:match('^%(<?(.-)>?%)$') or line:match('^%[[^%]]+%]: <?([^> ]+)')
  end
  for _, other in ipairs(api.nvim_buf_get_lines(0, 0, -1, false)) do
    local defined, uri = other:match('^%[([^%]]+)%]: <?([^> ]+)')
    if defined == name then
      return uri
    end
  end
end

--- Goes to the code that a link names, in the window that the page was opened from.
local function follow()
  local uri = link()
  if not uri or not vim.startswith(uri, 'file:') then
    return
  end
  local path, row = uri:match('^(.-)#L(%d+)$')
  vim.cmd.wincmd('p')
  vim.cmd.edit(vim.fn.fnameescape(vim.uri_to_fname(path or uri)))
  if row then
    api.nvim_win_set_cursor(0, { math.min(tonumber(row) --[[@as integer]], api.nvim_buf_line_count(0)), 0 })
  end
end

---@param lines string[]
---@return integer
local function buffer(lines)
  local buf = api.nvim_create_buf(false, true)
  api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].modifiable = false
  vim.bo[buf].filetype = 'markdown'
  pcall(vim.treesitter.start, buf, 'markdown') -- else by the old highlighter
  vim.keymap.set('n', 'q', M.close, { buffer = buf, nowait = true, desc = 'Close' })
  vim.keymap.set('n', '<CR>', follow, { buffer = buf, desc = 'Go to the code that is linked' })
  return buf
end

---@param win integer
local function dress(win)
  local options = { wrap = true, linebreak = true, breakindent = true, conceallevel = 2, concealcursor = 'n' }
  for name, value in pairs(vim.tbl_extend('error', options, { foldenable = false, spell = false, list = false })) do
    api.nvim_set_option_value(name, value, { win = win, scope = 'local' })
  end
end

--- Whether the user is still where the page was asked for, with nothing in between.
---@param place whittle.Place?
---@return boolean
local function still_there(place)
  return place ~= nil
    and api.nvim_get_mode().mode == 'n'
    and api.nvim_get_current_win() == place.win
    and api.nvim_get_current_buf() == place.buf
    and vim.deep_equal(api.nvim_win_get_cursor(place.win), place.cursor)
end

---@param buf integer
---@param title string
---@param place whittle.Place?
local function float(buf, title, place)
  local at_cursor = still_there(place)
  local longest = 20
  for _, line in ipairs(api.nvim_buf_get_lines(buf, 0, -1, false)) do
    longest = math.max(longest, api.nvim_strwidth(line))
  end
  local width = math.min(math.max(longest, api.nvim_strwidth(title) + 4), WIDEST, vim.o.columns - 4)
  local users = vim.fn.exists('+winborder') == 1 and vim.o.winborder or ''
  local border = require('whittle').options.border or (users == '' and 'rounded') or nil
  local framed = (border or users) ~= 'none'
  shown = api.nvim_open_win(buf, false, {
    relative = 'editor',
    anchor = 'NE',
    row = 1,
    col = vim.o.columns,
    width = width,
    height = 1,
    style = 'minimal',
    border = border,
    title = framed and (' %s '):format(title) or nil,
    footer = framed and (at_cursor and ' K: enter · q: close ' or ' :fclose ') or nil,
    footer_pos = framed and 'right' or nil,
  })
  dress(shown)
  local height = api.nvim_win_text_height(shown, {}).all
  local config = { relative = 'editor', anchor = 'NE', row = 1, col = vim.o.columns }
  config.height = math.min(height, math.floor(vim.o.lines * 0.6))
  if at_cursor then
    -- above or below the cursor, wherever there is more room
    local row = vim.fn.screenrow()
    local above, below = row - 3, vim.o.lines - vim.o.cmdheight - row - 3
    local down = below >= math.min(config.height, above)
    height = math.max(1, math.min(config.height, down and below or above))
    config = { relative = 'cursor', anchor = down and 'NW' or 'SW', row = down and 1 or 0, col = 0, height = height }
  end
  api.nvim_win_set_config(shown, config)
  if at_cursor and place then
    vim.w[shown]['textDocument/hover'] = place.buf -- `K` enters it, as it does its own windows
    local win = shown
    api.nvim_create_autocmd({ 'CursorMoved', 'InsertEnter', 'BufLeave', 'WinScrolled' }, {
      group = group,
      buffer = place.buf,
      callback = function(event)
        -- entering the window itself is no reason to close it
        vim.schedule(function()
          local left = event.event ~= 'BufLeave' or api.nvim_get_current_win() ~= win
          if left and shown == win then
            M.close()
          end
        end)
      end,
    })
  end
  api.nvim_create_autocmd('WinClosed', { group = group, pattern = tostring(shown), callback = M.close, once = true })
end

---@param buf integer
---@param title string
---@param vertical boolean
local function split(buf, title, vertical)
  shown = api.nvim_open_win(buf, false, { split = vertical and 'right' or 'below', win = 0 })
  dress(shown)
  vim.wo[shown].winbar = title:gsub('%%', '%%%%')
end

--- Shows a page; its first heading is its title.
---@param text string
---@param place? whittle.Place
function M.show(text, place)
  M.close()
  local title, rest = text:match('^# ([^\n]*)\n+(.*)$')
  local lines = vim.split(vim.trim(rest or text), '\n', { plain = true })
  local buf, way = buffer(lines), require('whittle').options.explain
  if way == 'float' then
    float(buf, title or 'Whittle', place)
  else
    split(buf, title or 'Whittle', way == 'vsplit')
  end
end

return M
