// The grammar of Ambit for editors: language.md, "Grammar", as grammar/src/grammar.lalrpop has it, without its readings of
// mistakes. README.md tells how src/ is made of it; tests in grammar/tests/editors keep both to the compiler's lexer and
// parser.

/// The soft keywords of grammar/src/token.rs: names wherever a name stands.
const SOFT = [
  'source', 'enum', 'table', 'hierarchy', 'kind', 'object', 'attribute', 'filter', 'role', 'group', 'test',
  'open', 'key', 'set', 'of', 'scope', 'text', 'rows', 'array', 'json', 'scaled', 'implies', 'uses', 'inherits', 'bypasses',
  'unless', 'querying', 'only',
  'always', 'never', 'are', 'disjoint', 'equal',
  'day', 'days', 'week', 'weeks', 'month', 'months', 'quarter', 'quarters', 'year', 'years',
];

/// The others: never names.
const RESERVED = [
  'user', 'everyone', 'for', 'exclusive', 'assert',
  'as', 'in', 'stored', 'except',
  'grant', 'deny', 'restrict', 'on', 'to', 'by', 'where', 'applies', 'when',
  'and', 'or', 'not', 'is', 'between', 'before', 'after', 'starts', 'ends', 'with', 'contains', 'match', 'all', 'any', 'exists',
  'visible', 'last', 'next', 'this', 'from',
  'null', 'true', 'false', 'nothing', 'everything', 'today',
  'given', 'sees', 'can', 'cannot', 'anyone',
];

const commaSep = (rule) => seq(rule, repeat(seq(',', rule)));
const words = ($, list) => choice($.identifier, ...list.map((word) => alias(word, $.identifier)));

module.exports = grammar({
  name: 'ambit',

  word: ($) => $.identifier,
  extras: ($) => [/[ \t\r\n\u000B\u000C\uFEFF]/, $.comment, $.doc_comment],
  supertypes: ($) => [$.item, $.rule, $.step, $.condition],
  reserved: { global: () => RESERVED },
  inline: ($) => [$._word, $._type_word],

  rules: {
    source_file: ($) => repeat($.item),

    item: ($) => choice(
      $.source, $.enum, $.table, $.hierarchy, $.kind, $.object, $.attribute, $.filter, $.role, $.group, $.user, $.everyone,
      $.for, $.exclusive, $.test, $.assert,
    ),

    // ---- building blocks

    _word: ($) => words($, SOFT),
    // `set of` and `scope {` begin types: these two cannot be named there.
    _type_word: ($) => words($, SOFT.filter((word) => word !== 'set' && word !== 'scope')),
    name: ($) => $._word,
    type_name: ($) => $._type_word,
    path: ($) => seq($.name, repeat(seq('.', $.name))),

    identifier: () => /[A-Za-z_][A-Za-z0-9_]*/,
    string: ($) => seq('"', repeat(choice($.string_content, $.escape_sequence)), '"'),
    string_content: () => token.immediate(prec(1, /[^"\\\n\r]+/)),
    escape_sequence: () => token.immediate(/\\([nt"\\]|u\{[0-9A-Fa-f]{1,6}\})/),
    number: () => /-?[0-9]+(\.[0-9]+)?/,
    date: () => /[0-9]{4}-[0-9]{2}-[0-9]{2}/,
    timestamp: () => /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})/,
    boolean: () => choice('true', 'false'),
    null: () => 'null',
    // Apart from one another: what begins with exactly three slashes is documentation.
    doc_comment: () => token(choice('///', /\/\/\/[^\/\n\r][^\n\r]*/)),
    comment: () => token(choice('//', /\/\/[^\/\n\r][^\n\r]*/, /\/\/\/\/[^\n\r]*/)),

    _literal: ($) => choice($.string, $.number, $.date, $.timestamp, $.boolean),
    list: ($) => seq('[', optional(commaSep($._literal)), ']'),
    _part: ($) => choice($.name, $.string),

    // ---- items

    source: ($) => seq('source', field('name', $.name), optional($.outside_names), ':', field('kind', $.name)),
    enum: ($) => seq('enum', field('name', $.name), '{', commaSep($.string), '}'),
    table: ($) => seq('table', field('name', $.name), optional($._in_source), optional($.outside_names), optional('open'),
      '{', repeat($.column), '}'),
    hierarchy: ($) => seq('hierarchy', field('name', $.name), 'on', field('table', $.name),
      '{', alias($._level_chain, $.levels), repeat(alias($._member_chain, $.members)), '}'),
    kind: ($) => seq('kind', field('name', $.name), optional($.outside_names), '{', commaSep($.action), '}'),
    action: ($) => seq(field('name', $.name), optional(seq('implies', field('implies', $.name)))),
    object: ($) => seq('object', field('name', $.name), optional($._in_source), optional($.outside_names), ':',
      field('kind', $.name), optional($.uses)),
    uses: ($) => seq('uses', commaSep($.name)),
    attribute: ($) => seq('attribute', field('name', $.name), optional($.outside_names), ':', field('type', $._type)),
    filter: ($) => seq('filter', field('name', $.name), 'on', field('table', $.name), 'where', field('condition', $.condition)),
    role: ($) => seq('role', field('name', $.name), optional($.parameters), repeat($._clause), optional($.rules)),
    group: ($) => seq('group', field('name', $.name), repeat($._clause), optional($.rules)),
    user: ($) => seq('user', $._person),
    everyone: ($) => seq('everyone', optional($.except), $.rules),
    for: ($) => seq('for', commaSep($.who), $.rules),
    exclusive: ($) => seq('exclusive', commaSep($.who)),
    test: ($) => seq('test', field('name', $.string), '{', repeat($.step), '}'),
    assert: ($) => seq('assert', $._claim),

    _in_source: ($) => seq('in', field('source', $.name)),
    _level_chain: ($) => seq($.name, repeat(seq('>', $.name))),
    _member_chain: ($) => seq($._literal, repeat(seq('>', $._literal))),

    _clause: ($) => choice($.outside_names, $.inherits, $.bypasses),
    inherits: ($) => seq('inherits', commaSep($.who)),
    bypasses: ($) => seq('bypasses', commaSep($.name)),
    except: ($) => seq('except', commaSep($.who)),
    parameters: ($) => seq('(', commaSep($.parameter), ')'),
    parameter: ($) => seq(field('name', $.name), ':', field('type', $._type)),
    outside_names: ($) => seq('as', commaSep($.outside_name)),
    outside_name: ($) => seq($._part, repeat(seq('.', $._part)), optional($._in_source)),
    who: ($) => seq(field('name', $.name), optional($.arguments)),
    arguments: ($) => seq('(', commaSep(choice($._literal, $.name)), ')'),

    _person: ($) => seq(field('name', $.name), optional($.outside_names), optional(seq(':', commaSep($.who))),
      optional(seq('{', repeat(choice($.rule, $.fact)), '}'))),
    fact: ($) => seq(field('attribute', $.name), '=', field('value', choice($._literal, $.list))),

    // ---- columns and types

    column: ($) => seq(optional('key'), field('name', $.name), optional($.outside_names), ':', field('type', $._type),
      optional('?'), optional($.stored), optional($.links)),
    links: ($) => seq('->', commaSep($.path)),
    _type: ($) => choice($.type_name, $.set_type, $.scope_type),
    set_type: ($) => seq('set', 'of', $.type_name),
    scope_type: ($) => seq('scope', '{', commaSep($._part), '}'),
    stored: ($) => seq('stored', 'as', choice('text', 'array', 'json',
      seq('rows', 'in', field('table', $.name), '(', commaSep($.name), ')'), seq('scaled', '(', $.number, ')'))),

    // ---- rules

    rules: ($) => seq('{', repeat($.rule), '}'),
    rule: ($) => choice($.grant, $.deny, $.restrict),
    grant: ($) => seq('grant', $._access),
    deny: ($) => seq('deny', $._access),
    _access: ($) => seq(commaSep(field('action', $.name)), 'on', commaSep(field('on', $._what)),
      optional(seq('where', field('condition', $.condition))), optional($.applies)),
    restrict: ($) => seq('restrict', field('on', $._what), optional(seq('by', field('axis', $.name))), 'to',
      field('condition', $.condition), optional($.applies)),
    _what: ($) => choice($.name, $.everything_in),
    everything_in: ($) => seq('everything', 'in', field('source', $.name)),
    applies: ($) => seq('applies', choice(seq('when', 'querying'), seq('unless', 'querying', 'only')), $._tables),
    _tables: ($) => choice($.name, seq(optional(seq('any', 'of')), '[', commaSep($.name), ']')),

    // ---- conditions

    condition: ($) => choice(
      $.or, $.and, $.not, $.parenthesized, $.nothing, $.everything, $.comparison, $.in, $.is_null, $.is_visible, $.between,
      $.text_test, $.scope_test, $.exists, $._operand,
    ),
    or: ($) => prec.left(1, seq($.condition, 'or', $.condition)),
    and: ($) => prec.left(2, seq($.condition, 'and', $.condition)),
    not: ($) => prec(3, seq('not', $.condition)),
    parenthesized: ($) => seq('(', $.condition, ')'),
    nothing: () => 'nothing',
    everything: () => 'everything',
    comparison: ($) => seq($._operand, field('operator', choice('=', '!=', '<', '<=', '>', '>=', 'before', 'after')), $._operand),
    in: ($) => seq($._operand, optional('not'), 'in', choice($.list, $.user_attribute, $.path, $.window)),
    is_null: ($) => seq($._operand, 'is', optional('not'), $.null),
    is_visible: ($) => seq($._operand, 'is', 'visible'),
    between: ($) => seq($._operand, 'between', $._operand, 'and', $._operand),
    text_test: ($) => seq($._operand, choice(seq('starts', 'with'), seq('ends', 'with'), 'contains'), $.string),
    scope_test: ($) => seq($._operand, choice('match', 'contains'), choice('all', 'any'), '{', commaSep($.level), '}'),
    level: ($) => seq($._part, ':', choice('any', $.list)),
    exists: ($) => prec.right(seq('exists', optional('visible'), $.path, optional(seq('by', field('link', $.name))),
      optional(seq('where', '(', $.condition, ')')))),
    window: ($) => choice(
      seq('last', optional($.number), $._unit, optional(seq('to', $.today))),
      seq('next', optional($.number), $._unit, optional(seq('from', $.today))),
      seq('this', $._unit),
    ),
    _unit: () => choice('day', 'days', 'week', 'weeks', 'month', 'months', 'quarter', 'quarters', 'year', 'years'),
    today: () => 'today',
    user_attribute: ($) => seq('user', '.', $.name),
    _operand: ($) => choice($.path, $.user_attribute, $._literal, $.today),

    // ---- tests and claims

    step: ($) => choice($.given_rows, $.given_user, $.given_today, $.sees, $.can),
    given_rows: ($) => seq('given', field('table', $.name), '{', $.header, repeat($.row), '}'),
    header: ($) => commaSep($.name),
    row: ($) => commaSep(choice($._literal, $.null)),
    given_user: ($) => seq('given', 'user', $._person),
    given_today: ($) => seq('given', $.today, $.date),
    sees: ($) => seq($.who, 'sees', field('table', $.name), $.keys, optional($.during)),
    can: ($) => seq($.who, choice('can', 'cannot'), field('action', $.name), field('on', $.name), optional($.keys),
      optional($.during)),
    keys: ($) => seq('[', optional(commaSep(choice($._literal, $.composite_key))), ']'),
    composite_key: ($) => seq('(', commaSep($._literal), ')'),
    during: ($) => seq('when', 'querying', $._tables),

    _claim: ($) => choice(
      seq($._subject, 'can', choice('always', 'never'), field('action', $.name), field('on', $.name),
        optional(seq('where', field('condition', $.condition)))),
      seq($._subject, 'and', $._subject, 'are', choice('disjoint', 'equal'), 'on', field('table', $.name)),
    ),
    _subject: ($) => choice($.who, $.anyone),
    anyone: ($) => seq('anyone', optional(seq('with', $.who))),
  },
});
