//! The tokens and the one table of keywords: lexer, parser, editors' grammars and docs all follow it.

use logos::Logos;

use crate::lexer::block_comment;

/// A token: what it is and which bytes of its text it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// What a keyword is for: editors colour by it, docs group by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// Begins an item: `role`.
    Item,
    /// Joins the parts of a declaration: `inherits`, `as`, `stored`.
    Clause,
    /// Begins or joins the parts of a rule: `grant`, `where`.
    Rule,
    /// Part of a condition: `and`, `between`, `exists`.
    Operator,
    /// Stands for a value: `true`, `today`, `nothing`.
    Constant,
    /// Belongs to tests and claims: `given`, `sees`, `never`.
    Test,
    /// A unit of windows: `months`.
    Unit,
}

macro_rules! tokens {
    (
        keywords { $($keyword:ident $spelling:tt $standing:ident $category:ident,)* }
        symbols { $($symbol:ident $sign:tt,)* }
    ) => {
        /// The kinds of tokens.
        #[derive(Logos, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[logos(extras = crate::lexer::Extras)]
        pub enum TokenKind {
            $(
                #[doc = concat!("The word `", $spelling, "`.")]
                #[token($spelling)]
                $keyword,
            )*
            $(
                #[doc = concat!("The symbol `", $sign, "`.")]
                #[token($sign)]
                $symbol,
            )*
            /// A word that is no keyword.
            #[regex("[A-Za-z_][A-Za-z0-9_]*")]
            Identifier,
            /// A string in double quotes, on one line.
            #[regex(r#""([^"\\\n\r]|\\[^\n\r])*""#)]
            String,
            /// `12`, `-3`, `1.50`.
            #[regex(r"-?[0-9]+(\.[0-9]+)?", priority = 6)]
            Number,
            /// `2024-01-15`.
            #[regex(r"[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]", priority = 40)]
            Date,
            /// `2024-01-15T10:00:00.5+01:00`.
            #[regex(
                r"[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9](\.[0-9]+)?(Z|[+-][0-9][0-9]:[0-9][0-9])",
                priority = 80
            )]
            Timestamp,
            /// Blanks, line ends, byte order marks.
            #[regex(r"[ \t\r\n\x0B\x0C]+")]
            Whitespace,
            /// `// …`.
            #[regex(r"//[^\n\r]*", allow_greedy = true, priority = 5)]
            Comment,
            /// `/// …`: says something about the declaration below it.
            #[regex(r"///([^/\n\r][^\n\r]*)?", allow_greedy = true, priority = 20)]
            DocComment,
            /// A string without its closing quote: it ends with the line.
            #[regex(r#""([^"\\\n\r]|\\[^\n\r])*\\?"#, allow_greedy = true, priority = 2)]
            UnterminatedString,
            /// A string in single quotes.
            #[regex(r"'[^'\n\r]*'")]
            SingleQuoted,
            /// Begins like a number: `1_000`, `12abc`, `1.`, `1e5`.
            #[regex(r"-?[0-9]+(\.[0-9]*)*([A-Za-z_][A-Za-z0-9_.]*)?", priority = 3)]
            #[regex(r"-?\.[0-9]+", priority = 3)]
            BadNumber,
            /// Begins like a date: `2024-1-5`, `2024-01-15T10:00`.
            #[regex(r"[0-9]+-[0-9]+-[0-9]+([Tt][0-9A-Za-z:.+-]*)?", priority = 10)]
            #[regex(r"[0-9]+/[0-9]+/[0-9]+", priority = 10)]
            BadDate,
            /// A word with characters that names cannot have: `ha-noi`, `größe`.
            #[regex(r"[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z0-9_]+)+", priority = 9)]
            BadWord,
            /// `==`, `===`.
            #[token("==")]
            #[token("===")]
            DoubleEquals,
            /// `<>`, `!==`.
            #[token("<>")]
            #[token("!==")]
            OtherNotEquals,
            /// `=<`.
            #[token("=<")]
            EqualLess,
            /// `=>`.
            #[token("=>")]
            FatArrow,
            /// `&&`, `&`.
            #[token("&&")]
            #[token("&")]
            Ampersands,
            /// `||`, `|`.
            #[token("||")]
            #[token("|")]
            Bars,
            /// `!`.
            #[token("!")]
            Bang,
            /// `;`.
            #[token(";")]
            Semicolon,
            /// `+`, `-`, `*`, `/`, `%`, `^`.
            #[token("+")]
            #[token("-")]
            #[token("*")]
            #[token("/")]
            #[token("%")]
            #[token("^")]
            Arithmetic,
            /// A comment in the style of another language: `# …`, `-- …`, `/* … */`.
            #[regex(r"(#|--)[^\n\r]*", allow_greedy = true)]
            #[token("/*", block_comment)]
            ForeignComment,
            /// Any other character; a single quote that nothing closes, with the rest of its line.
            #[regex(r"'[^'\n\r]*", allow_greedy = true, priority = 2)]
            Unknown,
        }

        impl TokenKind {
            /// All keywords, in the order of the table.
            pub const KEYWORDS: &'static [Self] = &[$(Self::$keyword,)*];
            /// All symbols of the language.
            pub const SYMBOLS: &'static [Self] = &[$(Self::$symbol,)*];

            /// The spelling of a keyword or symbol; `""` for tokens that have no single one.
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$keyword => $spelling,)*
                    $(Self::$symbol => $sign,)*
                    _ => "",
                }
            }

            /// The keyword or symbol that is written so.
            pub fn from_text(text: &str) -> Option<Self> {
                match text {
                    $($spelling => Some(Self::$keyword),)*
                    $($sign => Some(Self::$symbol),)*
                    _ => None,
                }
            }

            /// The category of a keyword.
            pub fn category(self) -> Option<Category> {
                match self {
                    $(Self::$keyword => Some(Category::$category),)*
                    _ => None,
                }
            }

            /// A keyword that can never be a name.
            pub fn is_reserved(self) -> bool {
                match self {
                    $(Self::$keyword => tokens!(@reserved $standing),)*
                    _ => false,
                }
            }

            /// A keyword that is a plain name where a name stands.
            pub fn is_soft(self) -> bool {
                match self {
                    $(Self::$keyword => !tokens!(@reserved $standing),)*
                    _ => false,
                }
            }
        }
    };
    (@reserved reserved) => { true };
    (@reserved soft) => { false };
}

tokens! {
    keywords {
        Source "source" soft Item,
        Enum "enum" soft Item,
        Table "table" soft Item,
        Hierarchy "hierarchy" soft Item,
        Kind "kind" soft Item,
        Object "object" soft Item,
        Attribute "attribute" soft Item,
        Filter "filter" soft Item,
        Role "role" soft Item,
        Group "group" soft Item,
        User "user" reserved Item,
        Everyone "everyone" reserved Item,
        For "for" reserved Item,
        Exclusive "exclusive" reserved Item,
        Test "test" soft Item,
        Assert "assert" reserved Item,

        As "as" reserved Clause,
        In "in" reserved Clause,
        Open "open" soft Clause,
        Key "key" soft Clause,
        Set "set" soft Clause,
        Of "of" soft Clause,
        Scope "scope" soft Clause,
        Stored "stored" reserved Clause,
        Text "text" soft Clause,
        Rows "rows" soft Clause,
        Array "array" soft Clause,
        Json "json" soft Clause,
        Scaled "scaled" soft Clause,
        Implies "implies" soft Clause,
        Uses "uses" soft Clause,
        Inherits "inherits" soft Clause,
        Bypasses "bypasses" soft Clause,
        Except "except" reserved Clause,

        Grant "grant" reserved Rule,
        Deny "deny" reserved Rule,
        Restrict "restrict" reserved Rule,
        On "on" reserved Rule,
        To "to" reserved Rule,
        By "by" reserved Rule,
        Where "where" reserved Rule,
        Applies "applies" reserved Rule,
        When "when" reserved Rule,
        Unless "unless" soft Rule,
        Querying "querying" soft Rule,
        Only "only" soft Rule,

        And "and" reserved Operator,
        Or "or" reserved Operator,
        Not "not" reserved Operator,
        Is "is" reserved Operator,
        Between "between" reserved Operator,
        Before "before" reserved Operator,
        After "after" reserved Operator,
        Starts "starts" reserved Operator,
        Ends "ends" reserved Operator,
        With "with" reserved Operator,
        Contains "contains" reserved Operator,
        Match "match" reserved Operator,
        All "all" reserved Operator,
        Any "any" reserved Operator,
        Exists "exists" reserved Operator,
        Visible "visible" reserved Operator,
        Last "last" reserved Operator,
        Next "next" reserved Operator,
        This "this" reserved Operator,
        From "from" reserved Operator,

        Null "null" reserved Constant,
        True "true" reserved Constant,
        False "false" reserved Constant,
        Nothing "nothing" reserved Constant,
        Everything "everything" reserved Constant,
        Today "today" reserved Constant,

        Given "given" reserved Test,
        Sees "sees" reserved Test,
        Can "can" reserved Test,
        Cannot "cannot" reserved Test,
        Always "always" soft Test,
        Never "never" soft Test,
        Anyone "anyone" reserved Test,
        Are "are" soft Test,
        Disjoint "disjoint" soft Test,
        Equal "equal" soft Test,

        Day "day" soft Unit,
        Days "days" soft Unit,
        Week "week" soft Unit,
        Weeks "weeks" soft Unit,
        Month "month" soft Unit,
        Months "months" soft Unit,
        Quarter "quarter" soft Unit,
        Quarters "quarters" soft Unit,
        Year "year" soft Unit,
        Years "years" soft Unit,
    }
    symbols {
        LeftBrace "{",
        RightBrace "}",
        LeftParen "(",
        RightParen ")",
        LeftBracket "[",
        RightBracket "]",
        Comma ",",
        Dot ".",
        Colon ":",
        Question "?",
        Arrow "->",
        Equals "=",
        NotEquals "!=",
        Less "<",
        LessEquals "<=",
        Greater ">",
        GreaterEquals ">=",
    }
}

impl TokenKind {
    /// The keywords that begin an item.
    pub fn item_keywords() -> impl Iterator<Item = Self> {
        Self::KEYWORDS.iter().copied().filter(|kind| kind.is_item())
    }

    /// A word of the table.
    pub fn is_keyword(self) -> bool {
        self.category().is_some()
    }

    /// Begins an item.
    pub fn is_item(self) -> bool {
        self.category() == Some(Category::Item)
    }

    /// Can be a name: an identifier or a soft keyword.
    pub fn is_name(self) -> bool {
        self == Self::Identifier || self.is_soft()
    }

    /// A literal of its own: a string, number, date or timestamp.
    pub fn is_value(self) -> bool {
        matches!(
            self,
            Self::String | Self::Number | Self::Date | Self::Timestamp
        )
    }

    /// Does not change the meaning of a program. Doc comments are trivia too: the parser hangs them on the
    /// declaration below them, wherever they stand they are no mistake.
    pub fn is_trivia(self) -> bool {
        matches!(self, Self::Whitespace | Self::Comment | Self::DocComment)
    }

    /// No token of the language: the parser reports it, and reads it as what was most likely meant.
    pub fn is_error(self) -> bool {
        matches!(
            self,
            Self::UnterminatedString
                | Self::SingleQuoted
                | Self::BadNumber
                | Self::BadDate
                | Self::BadWord
                | Self::DoubleEquals
                | Self::OtherNotEquals
                | Self::EqualLess
                | Self::FatArrow
                | Self::Ampersands
                | Self::Bars
                | Self::Bang
                | Self::Semicolon
                | Self::Arithmetic
                | Self::ForeignComment
                | Self::Unknown
        )
    }
}
