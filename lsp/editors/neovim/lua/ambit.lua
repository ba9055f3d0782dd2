-- Starts the language server for Ambit files, with the client that Neovim has (0.7 and newer).
--
--   require('ambit').setup({ cmd = { '/path/to/ambit-lsp', '--stdio' } })
--
-- Every option of `vim.lsp.start_client` may be given, `on_attach` and `capabilities` among them.
local M = {}

-- The folder of the nearest ambit.toml, else that of the file.
local function root(file)
  local folder = vim.fn.fnamemodify(file, ':p:h')
  local found = vim.fn.findfile('ambit.toml', folder .. ';')
  return found ~= '' and vim.fn.fnamemodify(found, ':p:h') or folder
end

-- Clients by root folder: Neovim 0.7 has no `vim.lsp.start`, which looks for one that runs already.
local running = {}

local function start(options, buffer)
  local config = vim.tbl_extend('force', { name = 'ambit', cmd = { 'ambit-lsp', '--stdio' } }, options)
  config.root_dir = root(vim.api.nvim_buf_get_name(buffer))
  if vim.lsp.start then
    vim.lsp.start(config, { bufnr = buffer })
    return
  end
  local id = running[config.root_dir]
  if not id or not vim.lsp.get_client_by_id(id) then
    id = vim.lsp.start_client(config)
    running[config.root_dir] = id
  end
  if id then
    vim.lsp.buf_attach_client(buffer, id)
  end
end

function M.setup(options)
  options = options or {}
  if vim.lsp.config and vim.lsp.enable then
    vim.lsp.config('ambit', options)
    vim.lsp.enable('ambit')
    return
  end
  vim.api.nvim_create_autocmd('FileType', {
    group = vim.api.nvim_create_augroup('ambit', { clear = true }),
    pattern = 'ambit',
    callback = function(event)
      start(options, event.buf)
    end,
  })
end

return M
