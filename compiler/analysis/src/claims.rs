//! Claims: proved for every row, linked row, user, query and day, or refuted by a witness.

use std::sync::Arc;

use ambit_core::{Claim, ClaimKind, Pred, Program, Resource, RuleId, Subject, TableId};
use ambit_eval::Truth;
use ambit_solver::{Act, Bool, Model, Question, Who, every_rule};
use smol_str::SmolStr;

use crate::confirm::{self, Showing, confirm, decisive};
use crate::cx::act_on;
use crate::lawful;
use crate::raw::{Example, Mend, Raw, Shown, Spot, Trouble};

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proof {
    /// Where it fails: one case.
    pub witness: Option<Arc<Shown>>,
    /// Of a claim about two: what the other may, in the same case.
    pub other: Option<Arc<Shown>>,
    /// The rules that decide so in that case.
    pub rules: Vec<RuleId>,
    /// It speaks of no user or no row at all.
    pub empty: bool,
}

impl Proof {
    /// Does it hold?
    pub fn holds(&self) -> bool {
        self.witness.is_none()
    }
}

/// Proves a claim of a program, or refutes it.
///
/// # Errors
/// Where the question is beyond the solver, or the evaluator does not confirm the witness (a fault of ours).
pub fn prove<'p>(
    program: &'p Program,
    model: &Model<'p>,
    claim: &'p Claim,
) -> Result<Proof, Trouble> {
    match &claim.kind {
        ClaimKind::Can {
            subject,
            always,
            action,
            resource,
            pred,
        } => {
            let actions: Vec<SmolStr> = match resource {
                Resource::Table(_) if action == "write" => ["insert", "update", "delete"]
                    .map(SmolStr::new_static)
                    .to_vec(),
                _ => vec![action.clone()],
            };
            let mut empty = true;
            for action in actions {
                let case = Case {
                    program,
                    model,
                    subject,
                    resource: *resource,
                    action: &action,
                    pred,
                };
                let proof = case.prove(*always)?;
                if !proof.holds() {
                    return Ok(proof);
                }
                empty &= proof.empty;
            }
            Ok(Proof {
                empty,
                ..Proof::default()
            })
        }
        ClaimKind::Are {
            left,
            right,
            equal,
            table,
        } => two(program, model, (left, right), *equal, *table),
    }
}

fn who(subject: &Subject) -> Who {
    match subject {
        Subject::Who(p) => Who::Bare(*p),
        Subject::Anyone(None) => Who::Anyone,
        Subject::Anyone(Some(p)) => Who::AnyoneWith(*p),
    }
}

/// `s can never a r where c`, for one action.
struct Case<'a, 'p> {
    program: &'p Program,
    model: &'a Model<'p>,
    subject: &'a Subject,
    resource: Resource,
    action: &'a str,
    pred: &'p Pred,
}

impl Case<'_, '_> {
    /// The evaluator's own reading of "where": of both rows of an update, or of either.
    fn speaks_of(&self, case: &confirm::Case<'_>, always: bool) -> bool {
        let [old, new] = case.condition(self.pred).map(Truth::is_true);
        let spoken = match (self.action, always) {
            ("update", true) => old && new,
            ("update", false) => old || new,
            _ => old,
        };
        let asked = match self.resource {
            Resource::Table(table) => case.asks_for(table),
            Resource::Object(_) => true,
        };
        spoken && asked
    }

    fn prove(&self, always: bool) -> Result<Proof, Trouble> {
        let mut q = Question::new(self.model);
        let user = q.user(who(self.subject));
        let act = act_on(&mut q, self.resource, self.action);
        let not_bypassed = q.not_bypassed(user, self.resource);
        q.require(not_bypassed);
        let mut at = |row| q.is_true(user, self.pred, row);
        // An update is spoken of where the condition holds of the row before or after it; what can always be done is
        // what can be done from such rows to such rows.
        let spoken = match act {
            Act::Object => at(None),
            Act::Read(row) | Act::Insert(row) | Act::Delete(row) => at(Some(row)),
            Act::Update { old, new } => {
                let (old, new) = (at(Some(old)), at(Some(new)));
                if always {
                    q.and([old, new])
                } else {
                    q.or([old, new])
                }
            }
        };
        let allowed = q.allowed(user, self.resource, self.action, act, &every_rule);
        let wrong = if always { !allowed } else { allowed };
        let mut asked = q.ask(&[spoken, wrong])?;
        let Some(witness) = asked.witness(&[spoken, wrong])? else {
            return Ok(Proof {
                empty: !asked.can(&[spoken])?,
                ..Proof::default()
            });
        };
        let said = |case: &confirm::Case<'_>| self.speaks_of(case, always);
        let showing = Showing {
            user: 0,
            who: who(self.subject),
            resource: self.resource,
            action: self.action,
            allowed: !always,
            said: &said,
        };
        let shown = confirm(self.program, &witness, showing)?;
        Ok(Proof {
            rules: decisive(self.program, &shown),
            witness: Some(shown),
            ..Proof::default()
        })
    }
}

/// `a and b are disjoint on t`, `… are equal on t`: of reading, in the same query on the same day. Two who are to be
/// equal have the same attributes, as far as none are written: it is asked what one might see in place of the other.
fn two<'p>(
    program: &'p Program,
    model: &Model<'p>,
    (left, right): (&Subject, &Subject),
    equal: bool,
    table: TableId,
) -> Result<Proof, Trouble> {
    let resource = Resource::Table(table);
    let mut q = Question::new(model);
    let first = q.user(who(left));
    let second = if equal {
        q.user_alike(who(right), first)
    } else {
        q.user(who(right))
    };
    let row = q.row(table);
    let mut sees = Vec::new();
    for user in [first, second] {
        let not_bypassed = q.not_bypassed(user, resource);
        q.require(not_bypassed);
        sees.push(q.allowed(user, resource, "read", Act::Read(row), &every_rule));
    }
    let (of_left, of_right) = (sees[0], sees[1]);
    let cases: Vec<[(Bool, bool); 2]> = if equal {
        vec![
            [(of_left, true), (!of_right, false)],
            [(!of_left, false), (of_right, true)],
        ]
    } else {
        vec![[(of_left, true), (of_right, true)]]
    };
    let mut asked = q.ask(&[of_left, of_right])?;
    for case in cases {
        let formulas = [case[0].0, case[1].0];
        let Some(witness) = asked.witness(&formulas)? else {
            continue;
        };
        let show = |user: usize| {
            let showing = Showing {
                user,
                who: who([left, right][user]),
                resource,
                action: "read",
                allowed: case[user].1,
                said: &|case| case.asks_for(table),
            };
            confirm(program, &witness, showing)
        };
        let (a, b) = (show(0)?, show(1)?);
        if equal && !lawful::alike(program, &a.user, &b.user) {
            return Err(Trouble::Unconfirmed(format!(
                "a witness speaks of two who differ in what is written at neither: {a:?}, {b:?}"
            )));
        }
        // First the one who sees the row.
        let (first, second) = if a.allowed { (a, b) } else { (b, a) };
        let mut rules = decisive(program, &first);
        rules.extend(decisive(program, &second));
        rules.sort_unstable();
        rules.dedup();
        return Ok(Proof {
            witness: Some(first),
            other: Some(second),
            rules,
            empty: false,
        });
    }
    Ok(Proof {
        empty: !asked.can(&[Bool::TRUE])?,
        ..Proof::default()
    })
}

/// What to tell of a claim that fails, or speaks of nothing; `None` of one that is proved.
pub(crate) fn told(program: &Program, claim: &Claim, at: Spot, proof: &Proof) -> Option<Raw> {
    let text = ambit_grammar::one_line(&claim.text);
    let text = text.strip_prefix("assert ").unwrap_or(&text).to_owned();
    let Some(shown) = &proof.witness else {
        return proof.empty.then(|| {
            Raw::new(
                "W0614",
                at,
                format!("`{}` speaks of nothing", crate::findings::short(&text)),
            )
            .label("holds because there is no such user or row")
            .help("mend the subject or the condition of the claim")
            .note("who bypasses the source is left out of claims; a condition that can never hold leaves no row")
        });
    };
    let mut raw = Raw::new(
        "E0413",
        at,
        format!("`{}` does not hold", crate::findings::short(&text)),
    )
    .label("refuted")
    .example(Some(Example::of(program, shown)));
    for (n, line) in crate::show::lines(program, shown).into_iter().enumerate() {
        raw = raw.note(if n == 0 {
            format!("for example: {line}")
        } else {
            line
        });
    }
    if let Some(other) = &proof.other {
        let line = crate::show::lines(program, other).into_iter().next();
        raw = raw.note(format!("and {}", line.unwrap_or_default()));
    }
    for rule in &proof.rules {
        let word = match (
            program.rules.get(rule.index()).map(|r| r.effect),
            shown.allowed,
        ) {
            (Some(ambit_core::Effect::Grant), true) => "this lets it through",
            (Some(ambit_core::Effect::Grant), false) => "this does not give it",
            (_, true) => "this leaves it",
            (_, false) => "this takes it away",
        };
        raw = raw.related(word, Spot::Rule(*rule));
    }
    raw = raw.help(if shown.allowed {
        "say in the rule which rows are left out, or weaken the claim"
    } else {
        "grant what is missing, loosen what takes it away, or weaken the claim"
    });
    if let (
        ClaimKind::Can {
            pred,
            always: false,
            resource: Resource::Table(table),
            ..
        },
        [rule],
    ) = (&claim.kind, proof.rules.as_slice())
        && *pred != Pred::Const(true)
        && program
            .rules
            .get(rule.index())
            .is_some_and(|r| r.effect == ambit_core::Effect::Grant)
    {
        let text = ambit_core::print::print_pred(program, Some(*table), pred);
        let guard = match pred {
            Pred::And(_) | Pred::Or(_) | Pred::Not(_) => format!("not ({text}) and"),
            _ => format!("not {text} and"),
        };
        raw = raw.mend(
            "leave such rows out of the grant",
            false,
            Mend::Guard {
                rule: *rule,
                text: guard,
                by_or: false,
            },
        );
    }
    Some(raw)
}
