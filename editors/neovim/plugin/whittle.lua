-- :Whittle, and the server for every file that it knows. What can be set: |whittle-options|.
if vim.g.loaded_whittle then
  return
end
vim.g.loaded_whittle = true

if vim.fn.has('nvim-0.10') == 0 then
  vim.notify('Whittle needs Neovim 0.10 or later', vim.log.levels.WARN)
  return
end

vim.api.nvim_create_user_command('Whittle', function(command)
  require('whittle.command').run(command)
end, {
  nargs = '*',
  range = true,
  desc = 'AI code actions: explain, refactor, test, ...',
  complete = function(lead, line)
    return require('whittle.command').complete(lead, line)
  end,
})

for _, key in ipairs({ 'explain', 'refactor', 'test', 'document', 'fix', 'context', 'keep', 'revert' }) do
  vim.keymap.set('n', ('<Plug>(whittle-%s)'):format(key), ('<Cmd>Whittle %s<CR>'):format(key))
  -- the command's range, not <Cmd>: the selection counts
  vim.keymap.set('x', ('<Plug>(whittle-%s)'):format(key), (':Whittle %s<CR>'):format(key), { silent = true })
end
for _, key in ipairs({ 'next', 'prev', 'undo', 'redo', 'cancel' }) do
  vim.keymap.set('n', ('<Plug>(whittle-%s)'):format(key), ('<Cmd>Whittle %s<CR>'):format(key))
end

require('whittle').start()
