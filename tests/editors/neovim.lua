-- A person at work in Neovim, with its own client and the plugin of lsp/editors/neovim. The folder is a copy of
-- examples/sales; AMBIT_SERVER is the built server.
local function wait(what, condition)
  if not vim.wait(20000, condition, 20) then
    error('waited in vain for ' .. what, 2)
  end
end

local function step(text)
  io.stdout:write('neovim: ' .. text .. '\n')
end

local function lines(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer or 0, 0, -1, false), '\n') .. '\n'
end

-- The cursor on the first letter of a piece of text.
local function go(text)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  assert(vim.fn.search('\\V' .. text, 'cW') > 0, text .. ' is not there:\n' .. lines())
end

local function ask(method, more)
  local params = vim.tbl_extend('force', vim.lsp.util.make_position_params(), more or {})
  local answers, err = vim.lsp.buf_request_sync(0, method, params, 20000)
  assert(answers, method .. ': ' .. tostring(err))
  for _, answer in pairs(answers) do
    assert(not answer.err, method .. ': ' .. vim.inspect(answer.err))
    assert(answer.result ~= nil and answer.result ~= vim.NIL, method .. ' has no result')
    return answer.result
  end
  error(method .. ' is not answered')
end

local function work()
  require('ambit').setup({ cmd = { os.getenv('AMBIT_SERVER'), '--stdio' } })
  vim.cmd('edit policy.ambit')
  assert(vim.bo.filetype == 'ambit', 'the filetype is ' .. vim.bo.filetype)
  assert(vim.bo.commentstring == '// %s', 'the filetype plugin')
  go('grant')
  local group = vim.fn.synIDattr(vim.fn.synID(vim.fn.line('.'), vim.fn.col('.'), 1), 'name')
  assert(group == 'ambitRule', 'grant is ' .. group)
  wait('the client', function()
    return #vim.tbl_values(vim.lsp.buf_get_clients(0)) == 1
  end)
  wait('the server', function()
    local _, client = next(vim.lsp.buf_get_clients(0))
    return client.initialized
  end)
  step('the server is attached')

  vim.api.nvim_buf_set_lines(0, -1, -1, false, { 'for managers { grant read on sale }' })
  wait('a diagnostic', function()
    return #vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR }) > 0
  end)
  local problem = vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR })[1]
  assert(problem.message:find('sale', 1, true), problem.message)
  assert(problem.lnum == vim.api.nvim_buf_line_count(0) - 1, 'its line')
  assert(problem.source == 'ambit', 'its source')
  step('diagnostic: ' .. problem.message:gsub('\n', ' '))

  go('sale }')
  vim.ui.select = function(items, _, choose)
    choose(items[1], 1)
  end
  vim.lsp.buf.code_action()
  wait('the fix', function()
    return lines():find('grant read on sales }', 1, true)
  end)
  wait('the mended text', function()
    return #vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR }) == 0
  end)
  step('the code action mended it')

  go('salespeople as')
  local hover = ask('textDocument/hover')
  local said = type(hover.contents) == 'table' and hover.contents.value or hover.contents
  assert(said:find('salespeople', 1, true), vim.inspect(hover))
  step('hover: ' .. #said .. ' characters')

  -- One more is none of its own: what can follow `on`.
  go('sales, deal_contacts')
  local completion = ask('textDocument/completion', { context = { triggerKind = 1 } })
  local labels = vim.tbl_map(function(item)
    return item.label
  end, completion.items or completion)
  assert(vim.tbl_contains(labels, 'deal_contacts'), vim.inspect(labels))
  step('completion: ' .. #labels .. ' items')

  go('salespeople as')
  local references = ask('textDocument/references', { context = { includeDeclaration = true } })
  assert(#references >= 5, vim.inspect(references))
  step('references: ' .. #references)

  local symbols = ask('textDocument/documentSymbol')
  assert(#symbols >= 7, vim.inspect(symbols))
  local everywhere = ask('workspace/symbol', { query = 'full_name' })
  assert(#everywhere >= 1, vim.inspect(everywhere))
  step('symbols: ' .. #symbols .. ' in the file')

  local policy = vim.api.nvim_get_current_buf()
  vim.lsp.buf.rename('sellers')
  wait('the rename', function()
    return lines(policy):find('group sellers', 1, true)
  end)
  local test = vim.fn.bufnr('policy_test.ambit')
  assert(test > 0 and lines(test):find('newcomer : sellers', 1, true), 'the other file')
  assert(not lines(policy):find('salespeople {', 1, true), lines(policy))
  step('the rename reached both files')
  vim.cmd('silent wall')

  go('deal_contacts where')
  vim.lsp.buf.definition()
  wait('the definition', function()
    return vim.api.nvim_buf_get_name(0):match('schema%.ambit$')
  end)
  assert(vim.api.nvim_get_current_line():find('table deal_contacts', 1, true), vim.api.nvim_get_current_line())
  step('the definition is in another file')

  vim.cmd('buffer ' .. policy)
  local before = lines()
  go('grant read on sales where')
  vim.api.nvim_set_current_line('  grant    read on sales   where own')
  if vim.lsp.buf.format then
    vim.lsp.buf.format({ timeout_ms = 20000 })
  else
    vim.lsp.buf.formatting_sync(nil, 20000)
  end
  assert(lines():find('\n    grant read on sales where own\n', 1, true), lines())
  assert(lines():gsub('%s', '') == before:gsub('%s', ''), 'formatting changed more than blanks')
  step('formatted')
end

local done, err = xpcall(work, debug.traceback)
if not done then
  io.stdout:write(err .. '\n')
  vim.cmd('cquit 1')
end
vim.lsp.stop_client(vim.lsp.get_active_clients())
vim.cmd('qall!')
