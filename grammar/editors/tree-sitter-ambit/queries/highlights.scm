; Names first: what follows speaks of special ones.
(identifier) @variable
(source name: (name) @module)
(table source: (name) @module)
(object source: (name) @module)
(outside_name source: (name) @module)
(everything_in source: (name) @module)
(bypasses (name) @module)
(enum name: (name) @type)
(kind name: (name) @type)
(source kind: (name) @type)
(object kind: (name) @type)
(type_name) @type
(table name: (name) @type.definition)
(object name: (name) @type.definition)
(hierarchy name: (name) @type.definition)
(column name: (name) @property)
(header (name) @property)
(attribute name: (name) @attribute)
(user_attribute (name) @attribute)
(fact attribute: (name) @attribute)
(filter name: (name) @function)
(role name: (name) @constructor)
(group name: (name) @constructor)
(user name: (name) @constructor)
(given_user name: (name) @constructor)
(who name: (name) @constructor)
(parameter name: (name) @variable.parameter)
(action name: (name) @function.method)
(grant action: (name) @function.method)
(deny action: (name) @function.method)
(can action: (name) @function.method)

; Words, by the categories of grammar/src/token.rs.
[
  "source" "enum" "table" "hierarchy" "kind" "object" "attribute" "filter" "role" "group" "user" "everyone" "for"
  "exclusive" "test" "assert"
] @keyword.type

[
  "as" "in" "open" "key" "set" "of" "scope" "stored" "text" "rows" "array" "json" "scaled" "implies" "uses" "inherits"
  "bypasses" "except"
] @keyword.modifier

[
  "grant" "deny" "restrict" "on" "to" "by" "where" "applies" "when" "unless" "querying" "only"
] @keyword.control

[
  "and" "or" "not" "is" "between" "before" "after" "starts" "ends" "with" "contains" "match" "all" "any" "exists" "visible"
  "last" "next" "this" "from"
] @keyword.operator

[
  (null) (boolean) (nothing) (everything) "everything" (today)
] @constant.builtin

[
  "given" "sees" "can" "cannot" "always" "never" "anyone" "are" "disjoint" "equal"
] @keyword.test

[
  "day" "days" "week" "weeks" "month" "months" "quarter" "quarters" "year" "years"
] @keyword.unit

; Literals and comments.
(string) @string
(escape_sequence) @string.escape
(number) @number
(date) @string.special
(timestamp) @string.special
(comment) @comment
(doc_comment) @comment.documentation

; Signs.
["{" "}" "(" ")" "[" "]"] @punctuation.bracket
["," "." ":"] @punctuation.delimiter
["->" "?" "=" "!=" "<" "<=" ">" ">="] @operator
