//! One mistake, one edit: the edit that makes a text readable again tells best what is wrong with it, and keeps all of
//! its tree.

use crate::builder::{Start, Tree};
use crate::error::{Reading, SyntaxError, SyntaxErrorKind};
use crate::token::TokenKind;

use super::tries::Tries;
use super::words::Word;
use super::{Failure, Recovery};

/// Longer texts are not tried again and again.
const LONGEST: usize = 3000;

/// An edit to try: words `from..to` become others, with its report.
pub(super) struct Try {
    pub from: usize,
    pub to: usize,
    pub words: Vec<Word>,
    pub error: SyntaxError,
    /// Something that was written is not read.
    pub loses: bool,
}

/// What an edit gave.
pub(super) struct Mended {
    pub tree: Tree,
    /// The report of the edit and those of the grammar.
    pub errors: Vec<SyntaxError>,
    pub loses: bool,
}

impl Recovery<'_> {
    /// The tree after the edits that make it readable, at most one a round. Of those that do not yet mend it all the one
    /// that gets furthest is kept.
    pub fn edit(
        &self,
        start: Start,
        words: &[Word],
        failure: Failure,
        base: Option<Reading>,
        rounds: usize,
    ) -> Option<Mended> {
        /// That many words more must be readable for an edit to be worth another one.
        const PROGRESS: usize = 3;
        if words.len() > LONGEST {
            return None;
        }
        let mut words = words.to_vec();
        let mut failure = failure;
        let mut errors = Vec::new();
        let mut loses = false;
        for round in 1..=rounds {
            // Where something was dropped nobody knows what was meant.
            if words.get(failure.at).is_some_and(|word| word.after_dropped) {
                return None;
            }
            let reading = self.reading_in(&words, failure.at, base);
            let mut best: Option<(usize, Option<usize>, Try)> = None;
            let mut mended: Option<(Tree, Vec<SyntaxError>, Try)> = None;
            let tries = Tries::new(self, &words, &failure, reading);
            for edit in tries {
                let (Some(before), Some(after)) = (words.get(..edit.from), words.get(edit.to..))
                else {
                    continue;
                };
                let length = before.len() + edit.words.len() + after.len();
                match self.read(
                    start,
                    before.iter().chain(&edit.words).chain(after).copied(),
                ) {
                    // Readable, but now the grammar itself has more to say than after another edit? Then rather that.
                    Ok((tree, mut read)) => {
                        // A name after `in` is read only to be reported: it mends nothing.
                        if read
                            .iter()
                            .any(|error| matches!(error.kind, SyntaxErrorKind::InName { .. }))
                        {
                            continue;
                        }
                        if parenthesis(&edit.error.kind) {
                            read.retain(|error| {
                                !matches!(error.kind, SyntaxErrorKind::MixedAndOr { .. })
                            });
                        }
                        if mended
                            .as_ref()
                            .is_none_or(|(_, least, _)| read.len() < least.len())
                        {
                            mended = Some((tree, read, edit));
                        }
                        if mended.as_ref().is_some_and(|(_, read, _)| read.is_empty()) {
                            break;
                        }
                    }
                    Err(at) => {
                        let left = length - at.unwrap_or(length).min(length);
                        let enough = left + PROGRESS <= words.len().saturating_sub(failure.at);
                        if round < rounds
                            && enough
                            && best.as_ref().is_none_or(|(least, ..)| left < *least)
                        {
                            best = Some((left, at, edit));
                        }
                    }
                }
            }
            if let Some((tree, read, edit)) = mended {
                errors.extend(read);
                errors.push(edit.error);
                return Some(Mended {
                    tree,
                    errors,
                    loses: loses || edit.loses,
                });
            }
            let (_, at, edit) = best?;
            words.splice(edit.from..edit.to, edit.words);
            errors.push(edit.error);
            loses |= edit.loses;
            failure = self.failure(start, &words, at);
        }
        None
    }
}

/// What joins `and` and `or` when it is put in or taken out.
fn parenthesis(kind: &SyntaxErrorKind) -> bool {
    match kind {
        SyntaxErrorKind::Unclosed { open } | SyntaxErrorKind::MissingOpen { open } => {
            *open == TokenKind::LeftParen
        }
        SyntaxErrorKind::UnmatchedClose { close } => *close == TokenKind::RightParen,
        _ => false,
    }
}

/// The bracket that closes this one.
pub(super) fn closer(open: TokenKind) -> Option<TokenKind> {
    match open {
        TokenKind::LeftBrace => Some(TokenKind::RightBrace),
        TokenKind::LeftParen => Some(TokenKind::RightParen),
        TokenKind::LeftBracket => Some(TokenKind::RightBracket),
        _ => None,
    }
}

pub(super) fn is_closer(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::RightBrace | TokenKind::RightParen | TokenKind::RightBracket
    )
}
