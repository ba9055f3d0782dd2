//! The head of a broken item, and the item put together again.

use smol_str::SmolStr;

use crate::ast::{
    Assert, Attribute, Cond, Enum, Everyone, Exclusive, Filter, For, Hierarchy, ItemKind, Kind,
    Name, Object, Person, Role, Rule, Source, Span, Table, Test, Text, Type,
};
use crate::builder::{Member, Start, Tree};
use crate::error::{Edit, Expected, Reading, SyntaxError, SyntaxErrorKind};
use crate::text;
use crate::token::TokenKind;

use super::words::{Word, short};
use super::{Recovery, span_at};

impl Recovery<'_> {
    /// The item from its head and its members.
    pub fn parts(&mut self, words: &[Word]) -> ItemKind {
        let parts = self.cut(words);
        let mut item = self.head(&parts.head, parts.members.is_some());
        let Some(members) = parts.members else {
            return item;
        };
        match &mut item {
            ItemKind::Enum(it) => it.members = self.enum_members(&members),
            ItemKind::Table(it) => {
                for words in &members {
                    for read in self.members(Start::Column, words) {
                        if let super::members::Read::Tree(Tree::Column(column)) = read {
                            it.columns.push(*column);
                        }
                    }
                }
            }
            ItemKind::Kind(it) => {
                for words in &members {
                    for read in self.members(Start::Action, words) {
                        if let super::members::Read::Tree(Tree::Action(action)) = read {
                            it.actions.push(action);
                        }
                    }
                }
            }
            ItemKind::Hierarchy(it) => {
                for words in &members {
                    for read in self.members(Start::Chain, words) {
                        match read {
                            super::members::Read::Tree(Tree::Levels(levels)) => {
                                it.levels.extend(levels);
                            }
                            super::members::Read::Tree(Tree::Chain(chain)) => {
                                it.members.push(chain);
                            }
                            _ => {}
                        }
                    }
                }
            }
            ItemKind::Role(it) | ItemKind::Group(it) => it.rules = self.only_rules(&members),
            ItemKind::Everyone(it) => it.rules = self.only_rules(&members),
            ItemKind::For(it) => it.rules = self.only_rules(&members),
            ItemKind::User(it) => {
                for member in self.rules(&members) {
                    match member {
                        Member::Rule(rule) => it.rules.push(*rule),
                        Member::Fact(fact) => it.facts.push(*fact),
                    }
                }
            }
            ItemKind::Test(it) => it.steps = self.steps(&members),
            _ => {}
        }
        item
    }

    fn enum_members(&mut self, members: &[Vec<Word>]) -> Vec<Text> {
        let mut all = Vec::new();
        let mut unquoted: Vec<Word> = Vec::new();
        for word in members.iter().flatten().copied() {
            match word.kind {
                Some(TokenKind::String) => {
                    let value =
                        text::unquote(self.slice(word.span()), word.start, &mut self.errors);
                    all.push(Text {
                        value,
                        span: word.span(),
                    });
                }
                Some(TokenKind::Comma) | None => {}
                Some(kind) if kind.is_name() || kind.is_reserved() => {
                    unquoted.push(word);
                    all.push(Text {
                        value: SmolStr::new(self.slice(word.span())),
                        span: word.span(),
                    });
                }
                _ => {
                    self.damaged = true;
                    let found = Some(short(self.slice(word.span())));
                    let kind = SyntaxErrorKind::Unexpected {
                        found,
                        expected: vec![Expected::String],
                    };
                    self.report(kind, word.span(), Reading::EnumMember, Vec::new());
                }
            }
        }
        if let Some(first) = unquoted.first() {
            let fix = unquoted.iter().map(|word| {
                let text = SmolStr::from(format!("\"{}\"", self.slice(word.span())));
                Edit {
                    span: word.span(),
                    text,
                }
            });
            let fix = fix.collect();
            let found = short(self.slice(first.span()));
            self.report(
                SyntaxErrorKind::MissingQuotes { found },
                first.span(),
                Reading::EnumMember,
                fix,
            );
        }
        all
    }

    /// The item of its head alone, with an empty body if it has one.
    fn head(&mut self, head: &[Word], body: bool) -> ItemKind {
        let reading = self.head_reading();
        let end = head.last().map_or(0, |word| word.end);
        let needs = !matches!(
            self.keyword,
            TokenKind::Role | TokenKind::Group | TokenKind::User
        );
        let braces = body || needs && self.takes_braces();
        let close = |words: &[Word]| -> Vec<Word> {
            let mut words = words.to_vec();
            if braces {
                words.push(Word::missing(TokenKind::LeftBrace, end));
                words.push(Word::missing(TokenKind::RightBrace, end));
            }
            words
        };
        if braces && !body {
            let expected = vec![Expected::Token(TokenKind::LeftBrace)];
            let span = span_at(head, head.len());
            self.damaged = true;
            self.report(
                SyntaxErrorKind::Unexpected {
                    found: None,
                    expected,
                },
                span,
                reading,
                Vec::new(),
            );
        }
        let words = close(head);
        let own = |errors: Vec<SyntaxError>| errors.into_iter().filter(|error| !empty_body(error));
        let at = match self.read(Start::Item, words.iter().copied()) {
            Ok((Tree::Item(kind), errors)) => {
                self.errors.extend(own(errors));
                return *kind;
            }
            Ok(_) => return ItemKind::Error,
            Err(at) => at,
        };
        let failure = self.failure(Start::Item, &words, at);
        if let Some(mended) = self.edit(Start::Item, &words, failure.clone(), Some(reading), 2)
            && let Tree::Item(kind) = mended.tree
        {
            self.errors.extend(own(mended.errors));
            self.damaged |= mended.loses;
            return *kind;
        }
        let reading = self.reading_in(head, failure.at, Some(reading));
        if matches!(self.keyword, TokenKind::Filter | TokenKind::Assert)
            && let Some(Tree::Item(kind)) =
                self.without_condition(Start::Item, head, &failure, reading)
        {
            return *kind;
        }
        self.damaged = true;
        self.report_failure(head, &failure, reading);
        // What stands before the mistake, as far as it makes a whole.
        let at = failure.at.min(head.len());
        for end in (at.saturating_sub(3)..=at).rev() {
            let Some(before) = head.get(..end) else {
                continue;
            };
            if let Ok((Tree::Item(kind), _)) = self.read(Start::Item, close(before).into_iter()) {
                return *kind;
            }
        }
        self.name_alone(head)
    }

    fn takes_braces(&self) -> bool {
        matches!(
            self.keyword,
            TokenKind::Enum
                | TokenKind::Table
                | TokenKind::Hierarchy
                | TokenKind::Kind
                | TokenKind::Everyone
                | TokenKind::For
                | TokenKind::Test
        )
    }

    /// The item of its keyword and name.
    fn name_alone(&mut self, head: &[Word]) -> ItemKind {
        match self.keyword {
            TokenKind::Everyone => {
                return ItemKind::Everyone(Everyone {
                    except: Vec::new(),
                    rules: Vec::new(),
                });
            }
            TokenKind::For => {
                return ItemKind::For(For {
                    whos: Vec::new(),
                    rules: Vec::new(),
                });
            }
            TokenKind::Exclusive => return ItemKind::Exclusive(Exclusive { whos: Vec::new() }),
            TokenKind::Assert => {
                let span = match (head.first(), head.last()) {
                    (Some(first), Some(last)) => first.span().to(last.span()),
                    _ => Span::default(),
                };
                return ItemKind::Assert(Assert::Error(span));
            }
            _ => {}
        }
        let Some(word) = head.get(1).copied() else {
            return ItemKind::Error;
        };
        let span = word.span();
        if self.keyword == TokenKind::Test {
            if !word.is(TokenKind::String) {
                return ItemKind::Error;
            }
            let value = text::unquote(self.slice(span), span.start, &mut Vec::new());
            return ItemKind::Test(Test {
                name: Text { value, span },
                steps: Vec::new(),
            });
        }
        if !word.is_name() {
            return ItemKind::Error;
        }
        let name = Name {
            text: SmolStr::new(self.slice(span)),
            span,
        };
        let outside = Vec::new();
        let end = Span::new(
            head.last().map_or(0, |word| word.start),
            head.last().map_or(0, |word| word.end),
        );
        match self.keyword {
            TokenKind::Source => ItemKind::Source(Source {
                name,
                outside,
                kind: None,
            }),
            TokenKind::Enum => ItemKind::Enum(Enum {
                name,
                members: Vec::new(),
            }),
            TokenKind::Table => ItemKind::Table(Table {
                name,
                source: None,
                outside,
                open: None,
                columns: Vec::new(),
            }),
            TokenKind::Hierarchy => ItemKind::Hierarchy(Hierarchy {
                name,
                table: None,
                levels: Vec::new(),
                members: Vec::new(),
            }),
            TokenKind::Kind => ItemKind::Kind(Kind {
                name,
                outside,
                actions: Vec::new(),
            }),
            TokenKind::Object => ItemKind::Object(Object {
                name,
                source: None,
                outside,
                kind: None,
                uses: Vec::new(),
            }),
            TokenKind::Attribute => ItemKind::Attribute(Attribute {
                name,
                outside,
                ty: Type::Error(end),
            }),
            TokenKind::Filter => ItemKind::Filter(Filter {
                name,
                table: None,
                cond: Cond::Error(end),
            }),
            TokenKind::Role => ItemKind::Role(role(name)),
            TokenKind::Group => ItemKind::Group(role(name)),
            TokenKind::User => ItemKind::User(Person {
                name,
                outside,
                has: Vec::new(),
                facts: Vec::new(),
                rules: Vec::<Rule>::new(),
            }),
            _ => ItemKind::Error,
        }
    }
}

fn role(name: Name) -> Role {
    Role {
        name,
        params: Vec::new(),
        outside: Vec::new(),
        inherits: Vec::new(),
        bypasses: Vec::new(),
        rules: Vec::new(),
    }
}

/// The body was only left out for reading the head.
fn empty_body(error: &SyntaxError) -> bool {
    matches!(error.kind, SyntaxErrorKind::EmptyList { .. })
        && matches!(
            error.context,
            Reading::EnumMember | Reading::Action | Reading::Levels
        )
}
