//! What the grammar's actions call: they turn ranges of text into the leaves of trees and note the mistakes that the
//! grammar itself can read.

use smol_str::SmolStr;

use crate::ast::{
    Column, Cond, Fact, InSet, ItemKind, KindAction, Literal, LiteralKind, Name, Outside, Param,
    Path, Person, Role, Rule, Span, Step, Text, Who,
};
use crate::error::{Edit, Expected, Reading, SyntaxError, SyntaxErrorKind};
use crate::text;
use crate::token::TokenKind;

/// The deepest nesting of a condition. Trees are walked by recursion everywhere, so their depth must be bounded.
pub(crate) const MAX_DEPTH: u32 = 128;

/// What the grammar reads: tokens, a marker that says what is to be parsed, and holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbol {
    /// A token of the text.
    Token(TokenKind),
    /// The first symbol: what is to be parsed.
    Start(Start),
    /// Stands for a condition that could not be read.
    Hole,
    /// No terminal of the grammar: the parser stops before it, without another step.
    Halt,
}

/// What is to be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// An item.
    Item,
    /// A column.
    Column,
    /// A rule, or the value of an attribute.
    Member,
    /// A step of a test.
    Step,
    /// An action of a kind.
    Action,
    /// Levels or members of a hierarchy.
    Chain,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Tree {
    /// Of [`Start::Item`].
    Item(Box<ItemKind>),
    /// Of [`Start::Column`].
    Column(Box<Column>),
    /// Of [`Start::Member`].
    Member(Member),
    /// Of [`Start::Step`].
    Step(Box<Step>),
    /// Of [`Start::Action`].
    Action(KindAction),
    /// Of [`Start::Chain`].
    Levels(Vec<Name>),
    /// Of [`Start::Chain`].
    Chain(Vec<Literal>),
}

/// What stands in the braces of a user.
#[derive(Debug)]
pub(crate) enum Member {
    /// A rule.
    Rule(Box<Rule>),
    /// The value of an attribute.
    Fact(Box<Fact>),
}

/// A clause in the head of a role.
#[derive(Debug)]
pub(crate) enum Clause {
    /// `as …`
    As(Vec<Outside>),
    /// `inherits …`
    Inherits(Vec<Who>),
    /// `bypasses …`
    Bypasses(Vec<Name>),
}

/// A condition and how deeply it is nested.
#[derive(Debug)]
pub(crate) struct Deep {
    /// The condition; boxed, as all that is large: the parser moves its symbols around.
    pub cond: Box<Cond>,
    /// Levels of nesting below it. Above [`MAX_DEPTH`]: already reported.
    pub depth: u32,
}

/// What the actions of the grammar share.
#[derive(Debug)]
pub(crate) struct Builder<'a> {
    text: &'a str,
    /// The doc comments before a token, by the token's start, ascending.
    docs: &'a [(u32, Vec<SmolStr>)],
    /// What the grammar read but must not stay.
    pub errors: Vec<SyntaxError>,
    /// The tokens are not all what they are written as.
    mended: bool,
}

impl<'a> Builder<'a> {
    pub fn new(text: &'a str, docs: &'a [(u32, Vec<SmolStr>)]) -> Self {
        Self {
            text,
            docs,
            errors: Vec::new(),
            mended: false,
        }
    }

    /// A builder for tokens that were mended.
    pub fn mended(text: &'a str, docs: &'a [(u32, Vec<SmolStr>)]) -> Self {
        Self {
            mended: true,
            ..Self::new(text, docs)
        }
    }

    fn str(&self, l: u32, r: u32) -> &'a str {
        self.text.get(l as usize..r as usize).unwrap_or_default()
    }

    pub fn slice(&self, l: u32, r: u32) -> SmolStr {
        SmolStr::new(self.str(l, r))
    }

    pub fn name(&self, l: u32, r: u32) -> Name {
        // A string in the place of a name was reported already: what it says is meant.
        let text = self.str(l, r);
        let text = text
            .strip_prefix('"')
            .map_or(text, |rest| rest.trim_end_matches('"'));
        Name {
            text: SmolStr::new(text),
            span: Span::new(l, r),
        }
    }

    pub fn number(&self, l: u32, r: u32) -> Literal {
        let slice = self.str(l, r);
        // What was malformed was reported: from here on it is what was meant, or at least a number.
        let text = if self.mended && !is_number(slice) {
            text::number(slice).unwrap_or(SmolStr::new_static("0"))
        } else {
            SmolStr::new(slice)
        };
        Literal {
            kind: LiteralKind::Number(text),
            span: Span::new(l, r),
        }
    }

    pub fn date(&self, l: u32, r: u32) -> Literal {
        let slice = self.str(l, r);
        let malformed = self.mended && !(slice.len() == 10 && slice.get(4..5) == Some("-"));
        let text = if malformed {
            text::date(slice).unwrap_or(SmolStr::new_static("1970-01-01"))
        } else {
            SmolStr::new(slice)
        };
        Literal {
            kind: LiteralKind::Date(text),
            span: Span::new(l, r),
        }
    }

    pub fn timestamp(&self, l: u32, r: u32) -> Literal {
        let slice = self.str(l, r);
        let malformed = self.mended && !text::is_timestamp(slice);
        let text = if malformed {
            SmolStr::new_static("1970-01-01T00:00:00Z")
        } else {
            SmolStr::new(slice)
        };
        Literal {
            kind: LiteralKind::Timestamp(text),
            span: Span::new(l, r),
        }
    }

    /// A string with its escapes resolved.
    pub fn text(&mut self, l: u32, r: u32) -> Text {
        let value = text::unquote(self.str(l, r), l, &mut self.errors);
        Text {
            value,
            span: Span::new(l, r),
        }
    }

    pub fn path(names: Vec<Name>) -> Path {
        let span = match (names.first(), names.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::default(),
        };
        Path { names, span }
    }

    /// The doc comments above the declaration that begins at `start`.
    pub fn docs(&self, start: u32) -> Vec<SmolStr> {
        match self.docs.binary_search_by_key(&start, |entry| entry.0) {
            Ok(at) => self
                .docs
                .get(at)
                .map(|entry| entry.1.clone())
                .unwrap_or_default(),
            Err(_) => Vec::new(),
        }
    }

    fn error(&mut self, kind: SyntaxErrorKind, span: Span, context: Reading, fix: Vec<Edit>) {
        self.errors.push(SyntaxError {
            kind,
            span,
            context,
            fix,
        });
    }

    pub fn empty(&mut self, of: Expected, span: Span, context: Reading) {
        self.error(SyntaxErrorKind::EmptyList { of }, span, context, Vec::new());
    }

    /// One level deeper, unless that is too deep: then the whole is a hole, reported once.
    pub fn deeper(
        &mut self,
        inner: Deep,
        span: Span,
        wrap: impl FnOnce(Box<Cond>, Span) -> Cond,
    ) -> Deep {
        if inner.depth < MAX_DEPTH {
            return Deep {
                cond: Box::new(wrap(inner.cond, span)),
                depth: inner.depth + 1,
            };
        }
        if inner.depth == MAX_DEPTH {
            self.error(
                SyntaxErrorKind::TooDeep { limit: MAX_DEPTH },
                inner.cond.span(),
                Reading::Condition,
                Vec::new(),
            );
        }
        Deep {
            cond: Box::new(Cond::Error(span)),
            depth: MAX_DEPTH + 1,
        }
    }

    /// Joins parts; the depth of a list is that of its deepest part (lists nest only in parentheses, which count).
    fn join(parts: Vec<Deep>, span: Span, wrap: fn(Vec<Cond>, Span) -> Cond) -> Deep {
        let depth = parts
            .iter()
            .map(|part| part.depth)
            .max()
            .unwrap_or_default();
        if depth > MAX_DEPTH {
            return Deep {
                cond: Box::new(Cond::Error(span)),
                depth,
            };
        }
        Deep {
            cond: Box::new(wrap(
                parts.into_iter().map(|part| *part.cond).collect(),
                span,
            )),
            depth,
        }
    }

    pub fn and(parts: Vec<Deep>, span: Span) -> Deep {
        Self::join(parts, span, Cond::And)
    }

    pub fn or(&mut self, parts: Vec<Deep>, span: Span) -> Deep {
        let ands: Vec<Span> = parts
            .iter()
            .filter_map(|part| {
                if let Cond::And(_, span) = *part.cond {
                    Some(span)
                } else {
                    None
                }
            })
            .collect();
        if !ands.is_empty() {
            let fix = ands
                .iter()
                .flat_map(|and| {
                    [
                        Edit {
                            span: Span::new(and.start, and.start),
                            text: SmolStr::new_static("("),
                        },
                        Edit {
                            span: Span::new(and.end, and.end),
                            text: SmolStr::new_static(")"),
                        },
                    ]
                })
                .collect();
            self.error(
                SyntaxErrorKind::MixedAndOr { ands },
                span,
                Reading::Condition,
                fix,
            );
        }
        Self::join(parts, span, Cond::Or)
    }

    pub fn equals_null(&mut self, negated: bool, span: Span) {
        let meant = if negated { "is not null" } else { "is null" };
        let fix = vec![Edit {
            span,
            text: SmolStr::new_static(meant),
        }];
        self.error(
            SyntaxErrorKind::EqualsNull { negated },
            span,
            Reading::Condition,
            fix,
        );
    }

    pub fn parenthesised_list(&mut self, span: Span) {
        let fix = vec![
            Edit {
                span: Span::new(span.start, span.start + 1),
                text: SmolStr::new_static("["),
            },
            Edit {
                span: Span::new(span.end.saturating_sub(1), span.end),
                text: SmolStr::new_static("]"),
            },
        ];
        self.error(
            SyntaxErrorKind::ParenthesisedList,
            span,
            Reading::Condition,
            fix,
        );
    }

    pub fn in_name(&mut self, path: &Path) -> InSet {
        let span = path.span;
        let name = self.slice(span.start, span.end);
        let fix = if path.names.len() == 1 {
            vec![Edit {
                span: Span::new(span.start, span.start),
                text: SmolStr::new_static("user."),
            }]
        } else {
            Vec::new()
        };
        self.error(
            SyntaxErrorKind::InName { name },
            span,
            Reading::Condition,
            fix,
        );
        InSet::Error(span)
    }

    pub fn group_parameters(&mut self, params: Option<Span>) {
        if let Some(span) = params {
            let fix = vec![Edit {
                span,
                text: SmolStr::default(),
            }];
            self.error(
                SyntaxErrorKind::GroupParameters,
                span,
                Reading::Header(TokenKind::Group),
                fix,
            );
        }
    }

    /// A role from its parts; clauses stand in one order only and at most once.
    pub fn role(
        &mut self,
        name: Name,
        params: Vec<Param>,
        clauses: Vec<(Clause, Span)>,
        rules: Vec<Rule>,
    ) -> Role {
        let mut role = Role {
            name,
            params,
            outside: Vec::new(),
            inherits: Vec::new(),
            bypasses: Vec::new(),
            rules,
        };
        let mut seen: Vec<u8> = Vec::new();
        for (clause, span) in clauses {
            let (rank, keyword) = match &clause {
                Clause::As(_) => (0, TokenKind::As),
                Clause::Inherits(_) => (1, TokenKind::Inherits),
                Clause::Bypasses(_) => (2, TokenKind::Bypasses),
            };
            let wrong = if seen.contains(&rank) {
                Some(SyntaxErrorKind::DuplicateClause { clause: keyword })
            } else if seen.iter().any(|&other| other > rank) {
                Some(SyntaxErrorKind::ClauseOrder { clause: keyword })
            } else {
                seen.push(rank);
                None
            };
            if let Some(kind) = wrong {
                self.error(kind, span, Reading::Header(TokenKind::Role), Vec::new());
            }
            match clause {
                Clause::As(list) => role.outside.extend(list),
                Clause::Inherits(list) => role.inherits.extend(list),
                Clause::Bypasses(list) => role.bypasses.extend(list),
            }
        }
        role
    }

    pub fn person(
        name: Name,
        outside: Vec<Outside>,
        has: Vec<Who>,
        body: Option<Vec<Member>>,
    ) -> Person {
        let mut person = Person {
            name,
            outside,
            has,
            facts: Vec::new(),
            rules: Vec::new(),
        };
        for member in body.unwrap_or_default() {
            match member {
                Member::Rule(rule) => person.rules.push(*rule),
                Member::Fact(fact) => person.facts.push(*fact),
            }
        }
        person
    }
}

fn is_number(slice: &str) -> bool {
    let digits = slice.strip_prefix('-').unwrap_or(slice);
    let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, places]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}
