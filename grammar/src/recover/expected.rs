//! From the terminals that the grammar could have gone on with to what a person would say.

use crate::error::Expected;
use crate::token::TokenKind;

/// The terminals of a failure.
#[derive(Debug, Clone, Default)]
pub(super) struct Terminals {
    pub kinds: Vec<TokenKind>,
}

impl Terminals {
    /// From lalrpop's spelling: in quotes.
    pub fn new(expected: &[String]) -> Self {
        let kinds = expected.iter().filter_map(|terminal| {
            let text = terminal.trim_matches('"');
            Some(match text {
                "identifier" => TokenKind::Identifier,
                "string" => TokenKind::String,
                "number" => TokenKind::Number,
                "date" => TokenKind::Date,
                "timestamp" => TokenKind::Timestamp,
                text => return TokenKind::from_text(text),
            })
        });
        Self {
            kinds: kinds.collect(),
        }
    }

    pub fn has(&self, kind: TokenKind) -> bool {
        self.kinds.contains(&kind)
    }

    fn all(&self, kinds: &[TokenKind]) -> bool {
        kinds.iter().all(|&kind| self.has(kind))
    }

    /// In a person's words, the most telling first.
    pub fn describe(&self, in_columns: bool) -> Vec<Expected> {
        use TokenKind as T;
        const LITERALS: &[T] = &[
            T::String,
            T::Number,
            T::Date,
            T::Timestamp,
            T::True,
            T::False,
        ];
        const COMPARISONS: &[T] = &[
            T::Equals,
            T::NotEquals,
            T::Less,
            T::LessEquals,
            T::Greater,
            T::GreaterEquals,
            T::Before,
            T::After,
            T::Between,
            T::Starts,
            T::Ends,
            T::Contains,
            T::Match,
            T::Is,
            T::In,
            T::Not,
        ];
        let mut rest = self.kinds.clone();
        let mut said = Vec::new();
        let mut say = |what: Expected, covers: &[T], rest: &mut Vec<T>| {
            said.push(what);
            rest.retain(|kind| !covers.contains(kind));
        };
        let name = self.has(T::Identifier);
        let list = self.all(&[T::Last, T::Next, T::This]);
        if self.all(&[T::Exists, T::Nothing]) {
            say(
                Expected::Condition,
                &[
                    T::Not,
                    T::Exists,
                    T::LeftParen,
                    T::Nothing,
                    T::Everything,
                    T::User,
                    T::Today,
                    T::Identifier,
                ],
                &mut rest,
            );
            rest.retain(|kind| !LITERALS.contains(kind));
        } else if list {
            // A name there is read only to be reported better.
            say(
                Expected::Window,
                &[T::Last, T::Next, T::This, T::LeftParen, T::Identifier],
                &mut rest,
            );
        } else if self.all(&[T::Today, T::String]) && name {
            say(
                Expected::Value,
                &[T::User, T::Today, T::Identifier, T::Null],
                &mut rest,
            );
            rest.retain(|kind| !LITERALS.contains(kind));
        } else if self.all(&[T::Set, T::Scope])
            && name
            && !self.has(T::Equal)
            && self.kinds.iter().all(|kind| kind.is_name())
        {
            say(Expected::Type, &[T::Identifier], &mut rest);
        }
        if rest.contains(&T::Number) && rest.contains(&T::String) {
            say(Expected::Literal, LITERALS, &mut rest);
        }
        if rest.contains(&T::Identifier) {
            if rest.contains(&T::String) {
                say(Expected::Part, &[T::String, T::Identifier], &mut rest);
            } else if in_columns && self.has(T::RightBrace) {
                say(Expected::Column, &[T::Identifier], &mut rest);
            } else if self.has(T::Given) {
                say(Expected::Step, &[T::Given, T::Identifier], &mut rest);
            } else {
                say(Expected::Name, &[T::Identifier], &mut rest);
            }
        }
        if rest.contains(&T::Months) && !name {
            rest.retain(|kind| kind.category() != Some(crate::token::Category::Unit));
            say(Expected::Unit, &[], &mut rest);
        }
        if self.all(&[T::Grant, T::Deny, T::Restrict]) {
            say(Expected::Rule, &[T::Grant, T::Deny, T::Restrict], &mut rest);
        }
        if self.all(&[T::Equals, T::Less]) {
            say(Expected::Comparison, COMPARISONS, &mut rest);
        }
        for (kind, what) in [
            (T::String, Expected::String),
            (T::Number, Expected::Number),
            (T::Date, Expected::Date),
        ] {
            if rest.contains(&kind) {
                say(what, &[kind], &mut rest);
            }
        }
        // Where a name can stand every soft keyword can: they would drown the rest.
        rest.retain(|kind| !(name && kind.is_soft()) && *kind != T::Timestamp);
        rest.sort_by_key(|&kind| (!kind.is_keyword(), kind == T::Comma, kind));
        said.extend(rest.into_iter().map(Expected::Token));
        if said.is_empty() {
            said.push(Expected::End);
        }
        said
    }
}
