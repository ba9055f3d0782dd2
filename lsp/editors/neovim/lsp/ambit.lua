-- For Neovim 0.11 and newer: `vim.lsp.enable('ambit')`.
return {
  cmd = { 'ambit-lsp', '--stdio' },
  filetypes = { 'ambit' },
  root_markers = { 'ambit.toml' },
}
