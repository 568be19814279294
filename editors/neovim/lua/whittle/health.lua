--- `:checkhealth whittle`: Neovim, the server, its clients, and what the server itself says of its setup.

local M = {}

function M.check()
  local health = vim.health
  health.start('Whittle')
  local version = vim.version()
  local name = ('Neovim %d.%d.%d'):format(version.major, version.minor, version.patch)
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok(name)
  else
    health.ok(name .. ': the plugin starts the server (vim.lsp.enable comes with 0.11)')
  end

  local missing = require('whittle').missing()
  if missing then
    return health.error(missing, { 'Or name the program: |whittle-options|, `cmd`' })
  end
  local cmd = require('whittle').server().cmd
  if type(cmd) ~= 'table' then
    health.info('`cmd` is a function')
  else
    local answer = vim.system({ cmd[1], '--version' }, { text = true }):wait(5000)
    if answer.code ~= 0 then
      return health.error(('`%s --version` fails: %s'):format(cmd[1], vim.trim(answer.stderr or '')))
    end
    health.ok(('%s (%s)'):format(vim.trim(answer.stdout), vim.fn.exepath(cmd[1])))
  end

  local clients = vim.lsp.get_clients({ name = 'whittle' })
  if #clients == 0 then
    local advice = { 'Open a file of one of its types: `:help whittle-options`', 'See `:checkhealth vim.lsp`' }
    health.warn('no server runs', advice)
  end
  for _, client in ipairs(clients) do
    local count = #vim.tbl_keys(client.attached_buffers)
    local buffers = ('%d buffer%s'):format(count, count == 1 and '' or 's')
    local root = client.root_dir and vim.fn.fnamemodify(client.root_dir, ':~') or 'no workspace'
    health.ok(('runs for %s: %s, %s'):format(root, buffers, client.offset_encoding))
  end

  if type(cmd) == 'table' then
    health.start('whittle doctor')
    local root = clients[1] and clients[1].root_dir or vim.uv.cwd()
    local doctor = vim.system({ cmd[1], 'doctor' }, { cwd = root, text = true }):wait(10000)
    local say = doctor.code == 0 and health.info or health.warn
    say(vim.trim(doctor.stdout ~= '' and doctor.stdout or doctor.stderr or ''))
  end
end

return M
