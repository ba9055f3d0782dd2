//! Findings with places: where in which file, and the edits that mend them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use ambit_core::{Origin, Pred, Program, Resource, Rule, RuleId};
use ambit_diagnostics::{FileSpan, Level, Resolved, ResolvedFix, registry};
use ambit_grammar::{Token, TokenKind, lex};

use crate::raw::{Mend, Spot, Told};
use crate::slice::SliceIds;

/// The text of a file.
pub type Texts<'a> = &'a dyn Fn(&str) -> Option<Arc<str>>;

/// The written rules that stand for several resources.
#[derive(Debug, Default)]
pub(crate) struct Written<'p> {
    resources: HashMap<(&'p str, u32), BTreeSet<Resource>>,
}

impl<'p> Written<'p> {
    pub fn new(program: &'p Program) -> Self {
        let mut resources: HashMap<(&str, u32), BTreeSet<Resource>> = HashMap::new();
        for rule in &program.rules {
            let key = (rule.origin.file.as_str(), rule.origin.start);
            resources.entry(key).or_default().insert(rule.resource);
        }
        Self { resources }
    }

    /// How many resources the rule that is written where this one is speaks of.
    pub fn count(&self, rule: &Rule) -> usize {
        let key = (rule.origin.file.as_str(), rule.origin.start);
        self.resources.get(&key).map_or(1, BTreeSet::len)
    }
}

/// Gives a finding its places.
pub(crate) fn resolve(
    program: &Program,
    written: &Written<'_>,
    ids: &SliceIds,
    told: &Told,
    texts: Texts<'_>,
) -> Resolved {
    let raw = &told.raw;
    let span = |spot: &Spot| file_span(&origin(program, ids, *spot));
    let level = registry::find(raw.code).map_or(Level::Error, |c| c.level);
    Resolved {
        code: raw.code,
        level,
        message: raw.message.clone(),
        at: head(program, ids, raw.at, texts),
        label: raw.label.clone(),
        related: raw
            .related
            .iter()
            .map(|(text, spot)| (text.clone(), span(spot)))
            .collect(),
        help: raw.help.clone(),
        notes: told.example.iter().chain(&raw.notes).cloned().collect(),
        fixes: raw
            .mends
            .iter()
            .filter_map(|(title, safe, mend)| {
                fix(program, written, ids, (title, *safe, mend), texts)
            })
            .collect(),
        witness: told.witness.clone(),
    }
}

fn file_span(origin: &Origin) -> FileSpan {
    FileSpan {
        file: origin.file.clone(),
        start: origin.start,
        end: origin.end,
    }
}

fn rule_of<'p>(program: &'p Program, ids: &SliceIds, rule: RuleId) -> Option<&'p Rule> {
    let id = ids.rules.get(rule.index())?;
    program.rules.get(id.index())
}

fn origin(program: &Program, ids: &SliceIds, spot: Spot) -> Origin {
    match spot {
        Spot::Rule(rule) => rule_of(program, ids, rule)
            .map(|r| r.origin.clone())
            .unwrap_or_default(),
        Spot::Principal(p) => program.principal(p).origin.clone(),
        Spot::Claim(n) => ids
            .claims
            .get(n as usize)
            .and_then(|i| program.claims.get(*i))
            .map(|c| c.origin.clone())
            .unwrap_or_default(),
    }
}

/// The place of a finding: of a principal its declaration's first line alone.
fn head(program: &Program, ids: &SliceIds, spot: Spot, texts: Texts<'_>) -> FileSpan {
    let origin = origin(program, ids, spot);
    let mut span = file_span(&origin);
    if let (Spot::Principal(_), Some(text)) = (spot, texts(&origin.file))
        && let Some(part) = text.get(span.start as usize..span.end as usize)
        && let Some(brace) = part.find(['{', '\n'])
    {
        span.end = span.start + part.get(..brace).unwrap_or(part).trim_end().len() as u32;
    }
    span
}

fn fix(
    program: &Program,
    written: &Written<'_>,
    ids: &SliceIds,
    (title, safe, mend): (&str, bool, &Mend),
    texts: Texts<'_>,
) -> Option<ResolvedFix> {
    let (Mend::Remove(id) | Mend::Guard { rule: id, .. } | Mend::Replace { rule: id, .. }) = mend;
    let rule = rule_of(program, ids, *id)?;
    let text = texts(&rule.origin.file)?;
    let edits = match mend {
        Mend::Remove(_) => {
            // One written rule on several resources: the finding speaks of one of them.
            if written.count(rule) > 1 {
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
        title: title.to_owned(),
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
fn guarded(rule: &Rule, text: &str, guard: &str, by_or: bool) -> Option<Vec<(FileSpan, String)>> {
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
    let parted = match rule.pred {
        Pred::Or(_) => !by_or,
        Pred::And(_) => by_or,
        _ => false,
    };
    Some(if parted {
        vec![
            edit(first.start, format!("{guard} (")),
            edit(last.end, ")".to_owned()),
        ]
    } else {
        vec![edit(first.start, format!("{guard} "))]
    })
}
