//! Findings with places: where in which file, and the edits that mend them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ambit_core::{Origin, Pred, Program, Resource, Rule, RuleId};
use ambit_diagnostics::{FileSpan, Resolved, ResolvedFix};
use ambit_grammar::{Token, TokenKind, lex};
use smol_str::SmolStr;

use crate::raw::{Mend, Spot, Told};
use crate::slice::SliceIds;

/// The text of a file.
pub type Texts<'a> = &'a dyn Fn(&str) -> Option<Arc<str>>;

/// What is written at a spot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mention {
    origin: Origin,
    /// Of a rule on everything in a source.
    pub everywhere: bool,
    /// Of how many resources the written rule speaks.
    pub resources: usize,
    /// The condition of a rule, where its parts are joined: by `or`?
    by_or: Option<bool>,
}

/// The spots that findings and claims of a resource speak of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mentions(BTreeMap<Spot, Mention>);

impl Mentions {
    /// Those of these findings and these others, and all claims.
    pub fn new(
        program: &Program,
        ids: &SliceIds,
        told: &[Told],
        others: impl IntoIterator<Item = Spot>,
    ) -> Self {
        let mut all = BTreeMap::new();
        let mut add = |spot: Spot| {
            all.entry(spot)
                .or_insert_with(|| mention(program, ids, spot));
        };
        for told in told {
            add(told.at);
            told.related.iter().for_each(|(_, spot)| add(*spot));
            for (.., mend) in &told.mends {
                add(Spot::Rule(mended(mend)));
            }
        }
        others.into_iter().for_each(&mut add);
        (0..ids.claims.len() as u32).for_each(|n| add(Spot::Claim(n)));
        Self(all)
    }

    /// What is written at a spot.
    pub fn get(&self, spot: Spot) -> Option<&Mention> {
        self.0.get(&spot)
    }

    /// Where a spot is.
    pub fn span(&self, spot: Spot) -> FileSpan {
        self.get(spot)
            .map_or_else(|| file_span(&Origin::default()), |m| file_span(&m.origin))
    }
}

fn mention(program: &Program, ids: &SliceIds, spot: Spot) -> Mention {
    match spot {
        Spot::Rule(rule) => ids
            .rules
            .get(rule.index())
            .and_then(|id| of_rule(program, *id))
            .unwrap_or_default(),
        Spot::Principal(p) => Mention {
            origin: program.principal(p).origin.clone(),
            ..Mention::default()
        },
        Spot::Claim(n) => Mention {
            origin: ids
                .claims
                .get(n as usize)
                .and_then(|i| program.claims.get(*i))
                .map(|c| c.origin.clone())
                .unwrap_or_default(),
            ..Mention::default()
        },
    }
}

fn of_rule(program: &Program, id: RuleId) -> Option<Mention> {
    let rule = program.rules.get(id.index())?;
    let same = |other: &&Rule| other.origin == rule.origin;
    // What one written rule became stands side by side.
    let (before, after) = program.rules.split_at_checked(id.index())?;
    let before = before.iter().rev().take_while(same);
    let all = before.chain(after.iter().take_while(same));
    let resources: BTreeSet<Resource> = all.map(|rule| rule.resource).collect();
    Some(Mention {
        origin: rule.origin.clone(),
        everywhere: rule.everything_in.is_some(),
        resources: resources.len(),
        by_or: match rule.pred {
            Pred::Or(_) => Some(true),
            Pred::And(_) => Some(false),
            _ => None,
        },
    })
}

fn mended(mend: &Mend) -> RuleId {
    let (Mend::Remove(id) | Mend::Guard { rule: id, .. } | Mend::Replace { rule: id, .. }) = mend;
    *id
}

/// Gives a finding its places.
pub(crate) fn resolve(mentions: &Mentions, told: &Told, texts: Texts<'_>) -> Resolved {
    let fixes = told.mends.iter();
    let mut fixes: Vec<ResolvedFix> = fixes
        .filter_map(|(title, safe, mend)| fix(mentions, (title, *safe, mend), texts))
        .collect();
    fixes.shrink_to_fit();
    let at = head(mentions, told.at, texts);
    Resolved {
        related: told
            .related
            .iter()
            .map(|(text, spot)| (text.clone(), mentions.span(*spot)))
            .collect(),
        fixes,
        ..Resolved::at(told.code, at, Arc::clone(&told.said))
    }
}

fn file_span(origin: &Origin) -> FileSpan {
    FileSpan {
        file: origin.file.clone(),
        start: origin.start,
        end: origin.end,
    }
}

/// The place of a finding: of a principal its declaration's first line alone.
fn head(mentions: &Mentions, spot: Spot, texts: Texts<'_>) -> FileSpan {
    let mut span = mentions.span(spot);
    if let (Spot::Principal(_), Some(text)) = (spot, texts(&span.file))
        && let Some(part) = text.get(span.start as usize..span.end as usize)
        && let Some(brace) = part.find(['{', '\n'])
    {
        span.end = span.start + part.get(..brace).unwrap_or(part).trim_end().len() as u32;
    }
    span
}

fn fix(
    mentions: &Mentions,
    (title, safe, mend): (&SmolStr, bool, &Mend),
    texts: Texts<'_>,
) -> Option<ResolvedFix> {
    let rule = mentions.get(Spot::Rule(mended(mend)))?;
    let text = texts(&rule.origin.file)?;
    let edits = match mend {
        Mend::Remove(_) => {
            // One written rule on several resources: the finding speaks of one of them.
            if rule.resources > 1 {
                return None;
            }
            vec![(removed(&rule.origin, &text), String::new())]
        }
        Mend::Guard {
            text: guard, by_or, ..
        } => guarded(rule, &text, guard, *by_or)?,
        Mend::Replace { from, to, .. } => {
            let part = text.get(rule.origin.start as usize..rule.origin.end as usize)?;
            let mut places = part.match_indices(from.as_str());
            let (offset, _) = places.next()?;
            if places.next().is_some() {
                return None;
            }
            let start = rule.origin.start + offset as u32;
            vec![(
                FileSpan {
                    file: rule.origin.file.clone(),
                    start,
                    end: start + from.len() as u32,
                },
                to.clone(),
            )]
        }
    };
    Some(ResolvedFix {
        title: title.clone(),
        safe,
        edits,
    })
}

/// The rule with the line that it stands on alone, and the comments right above it.
fn removed(origin: &Origin, text: &str) -> FileSpan {
    let (mut start, mut end) = (origin.start as usize, origin.end as usize);
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |i| i + 1);
    let rest = after.find('\n').map_or(after.len(), |i| i + 1);
    let alone = before.get(line..).is_some_and(|b| b.trim().is_empty())
        && after.get(..rest).is_some_and(|a| a.trim().is_empty());
    if alone {
        start = line;
        end += rest;
        // A doc comment belongs to what is below it.
        while let Some(above) = text.get(..start.saturating_sub(1)) {
            let from = above.rfind('\n').map_or(0, |i| i + 1);
            if start == 0
                || !above
                    .get(from..)
                    .is_some_and(|l| l.trim_start().starts_with("///"))
            {
                break;
            }
            start = from;
        }
    }
    FileSpan {
        file: origin.file.clone(),
        start: start as u32,
        end: end as u32,
    }
}

/// Puts text before the condition of a rule, or a condition where it has none.
fn guarded(
    rule: &Mention,
    text: &str,
    guard: &str,
    by_or: bool,
) -> Option<Vec<(FileSpan, String)>> {
    let base = rule.origin.start;
    let part = text.get(base as usize..rule.origin.end as usize)?;
    let tokens: Vec<Token> = lex(part)
        .into_iter()
        .filter(|t| !t.kind.is_trivia())
        .collect();
    let opens = |t: &&Token| matches!(t.kind, TokenKind::Where | TokenKind::To);
    let edit = |at: u32, text: String| {
        (
            FileSpan {
                file: rule.origin.file.clone(),
                start: base + at,
                end: base + at,
            },
            text,
        )
    };
    let applies = tokens.iter().find(|t| t.kind == TokenKind::Applies);
    let last = tokens
        .iter()
        .rev()
        .find(|t| applies.is_none_or(|a| t.start < a.start))?;
    let word = if by_or { "or" } else { "and" };
    let Some(opening) = tokens.iter().find(opens) else {
        let condition = guard.trim_end_matches(word).trim_end();
        return Some(vec![edit(last.end, format!(" where {condition}"))]);
    };
    let first = tokens.iter().find(|t| t.start >= opening.end)?;
    let parted = rule.by_or.is_some_and(|joined| joined != by_or);
    Some(if parted {
        vec![
            edit(first.start, format!("{guard} (")),
            edit(last.end, ")".to_owned()),
        ]
    } else {
        vec![edit(first.start, format!("{guard} "))]
    })
}
