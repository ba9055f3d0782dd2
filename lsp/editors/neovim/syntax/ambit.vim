" Colours without tree-sitter. The words are those of grammar/src/token.rs, a line for each category; a test compares them.
if exists('b:current_syntax')
  finish
endif

syntax case match
syntax keyword ambitItem source enum table hierarchy kind object attribute filter role group user everyone for exclusive test assert
syntax keyword ambitClause as in open key set of scope stored text rows array json scaled implies uses inherits bypasses except
syntax keyword ambitRule grant deny restrict on to by where applies when unless querying only
syntax keyword ambitOperator and or not is between before after starts ends with match all any exists visible last next this from
" A word that `syntax keyword` takes for its own.
syntax match ambitOperator /\<contains\>/
syntax keyword ambitConstant null true false nothing everything today
syntax keyword ambitTest given sees can cannot always never anyone are disjoint equal
syntax keyword ambitUnit day days week weeks month months quarter quarters year years

syntax match ambitNumber /-\?\<\d\+\%(\.\d\+\)\?\>/
syntax match ambitDate /\<\d\{4}-\d\d-\d\d\%(T\d\d:\d\d:\d\d\%(\.\d\+\)\?\%(Z\|[+-]\d\d:\d\d\)\)\?/
syntax match ambitEscape contained /\\\%([nt"\\]\|u{\x\{1,6}}\)/
syntax region ambitString start=/"/ skip=/\\./ end=/"/ oneline contains=ambitEscape
syntax match ambitComment /\/\/.*/
syntax match ambitDoc /\/\/\/\%(\/\)\@!.*/

highlight default link ambitItem Structure
highlight default link ambitClause Keyword
highlight default link ambitRule Statement
highlight default link ambitOperator Operator
highlight default link ambitConstant Constant
highlight default link ambitTest Keyword
highlight default link ambitUnit Keyword
highlight default link ambitNumber Number
highlight default link ambitDate Constant
highlight default link ambitEscape SpecialChar
highlight default link ambitString String
highlight default link ambitComment Comment
highlight default link ambitDoc SpecialComment

let b:current_syntax = 'ambit'
