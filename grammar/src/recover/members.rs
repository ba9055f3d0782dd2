//! The members of a broken item, one by one.

use crate::ast::{Rule, Span, Step};
use crate::builder::{Member, Start, Tree};
use crate::error::{Expected, Reading, SyntaxErrorKind};
use crate::token::TokenKind;

use super::single::{closer, is_closer};
use super::words::{Word, short};
use super::{Failure, Recovery};

/// A member as far as it could be read.
pub(super) enum Read {
    Tree(Tree),
    /// Nothing: where it stands.
    Hole(Span),
}

impl Recovery<'_> {
    /// Reads the words that should be one member. Behind a whole member a line that does not continue it is a member of
    /// its own, so one slice may give several.
    pub fn members(&mut self, start: Start, words: &[Word]) -> Vec<Read> {
        let mut all = Vec::new();
        let mut words = self.without_commas(words);
        while !words.is_empty() {
            let (read, rest) = self.member(start, &words);
            all.push(read);
            words = words.split_off(words.len().saturating_sub(rest).min(words.len()));
        }
        all
    }

    /// Commas around members: they just follow one another.
    fn without_commas(&mut self, words: &[Word]) -> Vec<Word> {
        let mut words = words.to_vec();
        let commas = words
            .iter()
            .rev()
            .take_while(|word| word.is(TokenKind::Comma))
            .count();
        let separated = matches!(self.keyword, TokenKind::Kind);
        let stray = words.split_off(words.len() - commas);
        let mut errors_before = self
            .errors
            .iter()
            .any(|error| error.kind == SyntaxErrorKind::StrayComma);
        for comma in stray {
            if !separated && !errors_before {
                let fix = vec![crate::error::Edit {
                    span: comma.span(),
                    text: smol_str::SmolStr::default(),
                }];
                self.report(
                    SyntaxErrorKind::StrayComma,
                    comma.span(),
                    self.member_reading(),
                    fix,
                );
                errors_before = true;
            }
        }
        words
    }

    /// Reads one member; also how many words at the end it does not take.
    fn member(&mut self, start: Start, words: &[Word]) -> (Read, usize) {
        /// People make more than one mistake in a line.
        const ROUNDS: usize = 3;
        let base = self.reading_of(words);
        let at = match self.read(start, words.iter().copied()) {
            Ok((tree, errors)) => {
                self.errors.extend(errors);
                return (Read::Tree(tree), 0);
            }
            Err(at) => at,
        };
        let end = at.unwrap_or(words.len());
        // What follows a whole member on a line of its own is another one, and so is a line that begins where this one
        // does.
        let whole = words
            .get(end)
            .is_some_and(|word| word.begins_line)
            .then_some(end)
            .filter(|&end| {
                end > 0
                    && words
                        .get(..end)
                        .is_some_and(|before| self.read(start, before.iter().copied()).is_ok())
            });
        if let Some(cut) = whole.or_else(|| self.same_margin(words))
            && let Some(before) = words.get(..cut)
        {
            let (read, rest) = self.member(start, before);
            return (read, rest + words.len() - cut);
        }
        let failure = self.failure(start, words, at);
        if let Some(mended) = self.edit(start, words, failure.clone(), Some(base), ROUNDS) {
            self.errors.extend(mended.errors);
            self.damaged |= mended.loses;
            return (Read::Tree(mended.tree), 0);
        }
        let reading = self.reading_in(words, failure.at, Some(base));
        if let Some(tree) = self.without_condition(start, words, &failure, reading) {
            return (Read::Tree(tree), 0);
        }
        self.report_failure(words, &failure, reading);
        self.damaged = true;
        let span = match (words.first(), words.last()) {
            (Some(first), Some(last)) => first.span().to(last.span()),
            _ => Span::default(),
        };
        (Read::Hole(span), 0)
    }

    /// The first line that begins no further right than the first one, outside of brackets.
    fn same_margin(&self, words: &[Word]) -> Option<usize> {
        let column = |word: &Word| {
            let before = self.text.get(..word.start as usize).unwrap_or_default();
            before.len() - before.trim_end_matches([' ', '\t']).len()
        };
        let margin = words
            .first()
            .filter(|first| first.begins_line)
            .map(column)?;
        let mut depth = 0_i32;
        words.iter().enumerate().skip(1).find_map(|(at, word)| {
            match word.kind {
                Some(kind) if is_closer(kind) => {
                    depth -= 1;
                    return None;
                }
                Some(kind) if closer(kind).is_some() => depth += 1,
                _ => {}
            }
            (depth <= 0 && word.begins_line && column(word) <= margin).then_some(at)
        })
    }

    /// A rule (or filter, or claim) with a hole for its condition.
    pub fn without_condition(
        &mut self,
        start: Start,
        words: &[Word],
        failure: &Failure,
        reading: Reading,
    ) -> Option<Tree> {
        let opens = if words.first()?.is(TokenKind::Restrict) {
            TokenKind::To
        } else {
            TokenKind::Where
        };
        let from = words.iter().position(|word| word.is(opens))? + 1;
        let to = words
            .iter()
            .skip(from)
            .position(|word| word.is(TokenKind::Applies))
            .map_or(words.len(), |at| from + at);
        let cond = words.get(from..to)?;
        let end = words.get(from - 1)?.end;
        let hole = match (cond.first(), cond.last()) {
            (Some(first), Some(last)) => Word::hole(first.start, last.end),
            _ => Word::hole(end, end),
        };
        let with_hole: Vec<Word> = words
            .get(..from)?
            .iter()
            .copied()
            .chain([hole])
            .chain(words.get(to..)?.iter().copied())
            .collect();
        let inside = (from..=to).contains(&failure.at);
        match self.read(start, with_hole.iter().copied()) {
            Ok((tree, errors)) => {
                self.errors.extend(errors);
                self.report_failure(words, failure, reading);
                Some(tree)
            }
            Err(at) => {
                let second = self.failure(start, &with_hole, at);
                let mended = self.edit(start, &with_hole, second, Some(reading), 1)?;
                self.errors.extend(mended.errors);
                self.damaged |= mended.loses;
                if inside {
                    self.report_failure(words, failure, Reading::Condition);
                }
                Some(mended.tree)
            }
        }
    }

    /// Rules and values of attributes.
    pub fn rules(&mut self, members: &[Vec<Word>]) -> Vec<Member> {
        let mut all = Vec::new();
        for words in members {
            for read in self.members(Start::Member, words) {
                all.push(match read {
                    Read::Tree(Tree::Member(member)) => member,
                    Read::Tree(_) => continue,
                    Read::Hole(span) => Member::Rule(Box::new(Rule::Error(span))),
                });
            }
        }
        all
    }

    /// Rules alone: a value of an attribute is reported.
    pub fn only_rules(&mut self, members: &[Vec<Word>]) -> Vec<Rule> {
        let mut rules = Vec::new();
        for member in self.rules(members) {
            match member {
                Member::Rule(rule) => rules.push(*rule),
                Member::Fact(fact) => {
                    let found = Some(short(&fact.name.text));
                    let kind = SyntaxErrorKind::Unexpected {
                        found,
                        expected: vec![Expected::Rule],
                    };
                    self.report(kind, fact.name.span, Reading::Rule, Vec::new());
                    rules.push(Rule::Error(fact.span));
                }
            }
        }
        rules
    }

    /// Steps of a test.
    pub fn steps(&mut self, members: &[Vec<Word>]) -> Vec<Step> {
        let mut steps = Vec::new();
        for words in members {
            for read in self.members(Start::Step, words) {
                match read {
                    Read::Tree(Tree::Step(step)) => steps.push(*step),
                    Read::Tree(_) => {}
                    Read::Hole(span) => steps.push(Step::Error(span)),
                }
            }
        }
        steps
    }
}
