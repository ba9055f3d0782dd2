autocmd BufRead,BufNewFile *.ambit setfiletype ambit
