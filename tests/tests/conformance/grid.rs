//! Which constructs stood in which rules, under which sign, and whether they met a null: counted over what the evaluator
//! says of each test by itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit_core::{
    Applies, Effect, Holder, Operand, Pred, Program, Resource, Rule, RuleBody, TableId,
};
use ambit_eval::{Act, Judge, Truth};
use ambit_tests::random::UserSpec;

use super::case::{Case, Ready};

/// By construct: grant, deny, restrict × plain, negated × known, unknown.
#[derive(Default)]
pub struct Grid(BTreeMap<&'static str, [u64; 12]>);

const MODES: [&str; 3] = ["grant", "deny", "restrict"];

impl Grid {
    /// Counts the rules of a case.
    pub fn count(&mut self, case: &Case) {
        let Some(ready) = case.ready() else { return };
        let Some(spec) = case.users.first() else {
            return;
        };
        // Without principals: nobody who bypasses a source.
        let spec = UserSpec {
            declared: None,
            principals: Vec::new(),
            ..spec.clone()
        };
        let mut program = Program::clone(&ready.program);
        for rule in &ready.program.rules {
            let Resource::Table(table) = rule.resource else {
                continue;
            };
            let mode = match rule.effect {
                Effect::Grant => 0,
                Effect::Deny => 1,
                Effect::Restrict { .. } => 2,
            };
            let mut walk = Walk {
                grid: self,
                ready: &ready,
                program: &mut program,
                spec: &spec,
                rule,
                mode,
                today: case.today,
            };
            walk.pred(&rule.pred, table, true);
        }
    }

    pub fn add(&mut self, other: &Self) {
        for (what, counts) in &other.0 {
            let mine = self.0.entry(what).or_default();
            for (a, b) in mine.iter_mut().zip(counts) {
                *a += b;
            }
        }
    }

    /// Prints the table.
    pub fn print(&self) {
        let mut text = String::from(
            "\nconstruct × mode × sign, how often it was decided / unknown (is null: no / yes)\n",
        );
        text.push_str(&format!("  {:28}", ""));
        for mode in MODES {
            text.push_str(&format!(" {:>13} {:>13}", mode, format!("not, {mode}")));
        }
        for (what, counts) in &self.0 {
            text.push_str(&format!("\n  {what:28}"));
            for pair in counts.chunks(2) {
                text.push_str(&format!(" {:>13}", format!("{} / {}", pair[0], pair[1])));
            }
        }
        crate::budget::say(&text);
    }

    /// Fails where a construct was not met in every mode, with and without a null, so often plain and so often negated.
    pub fn assert_covered(&self, least: &[(&str, u64, u64)]) {
        for (what, plain, negated) in least {
            let counts = self.0.get(what).copied().unwrap_or_default();
            let met = counts.chunks(4).all(|of_mode| {
                let (straight, under_not) = of_mode.split_at(2);
                straight.iter().all(|c| c >= plain) && under_not.iter().all(|c| c >= negated)
            });
            assert!(
                met,
                "`{what}` was met {counts:?} times, not {plain} times plain and {negated} negated in each way"
            );
        }
        for what in self.0.keys() {
            assert!(
                least.iter().any(|(w, _, _)| w == what),
                "`{what}` has no bound"
            );
        }
    }
}

struct Walk<'a> {
    grid: &'a mut Grid,
    ready: &'a Ready,
    program: &'a mut Program,
    spec: &'a UserSpec,
    rule: &'a Rule,
    mode: usize,
    today: jiff::civil::Date,
}

impl Walk<'_> {
    fn pred(&mut self, pred: &Pred, table: TableId, positive: bool) {
        match pred {
            Pred::Const(_) => return,
            Pred::Not(inner) => return self.pred(inner, table, !positive),
            Pred::And(list) | Pred::Or(list) => {
                return list.iter().for_each(|p| self.pred(p, table, positive));
            }
            Pred::Exists(exists) => self.pred(&exists.pred, exists.table, positive),
            _ => {}
        }
        let outcomes = self.outcomes(pred, table);
        let is_null = matches!(pred, Pred::IsNull(_));
        let (mut known, mut unknown) = (false, false);
        for truth in outcomes {
            let null = if is_null {
                truth.is_true()
            } else {
                truth == Truth::Unknown
            };
            known |= !null;
            unknown |= null;
        }
        let counts = self.grid.0.entry(construct(pred)).or_default();
        let at = self.mode * 4 + usize::from(!positive) * 2;
        counts[at] += u64::from(known);
        counts[at + 1] += u64::from(unknown);
    }

    /// What the test by itself says of each row.
    fn outcomes(&mut self, pred: &Pred, table: TableId) -> Vec<Truth> {
        let mut rules: Vec<Rule> = self
            .ready
            .program
            .rules
            .iter()
            .filter(|r| r.resource != Resource::Table(table))
            .cloned()
            .collect();
        let body = RuleBody {
            effect: Effect::Grant,
            holder: Holder::Everyone,
            resource: Resource::Table(table),
            actions: vec!["read".into()],
            pred: pred.clone(),
            applies: Applies::Always,
            everything_in: self.rule.everything_in,
        };
        rules.push(Rule {
            body: Arc::new(body),
            ..self.rule.clone()
        });
        self.program.rules = rules;
        if let Some(t) = self.program.tables.get_mut(table.index()) {
            t.open = false;
        }
        let (program, data) = (&*self.program, &self.ready.data);
        let user = self.spec.user(program);
        let query = [table];
        let judge = Judge::new(program, data, &user, &query, self.today, self.ready.source);
        data.rows(table)
            .map(|row| judge.decide(table, Act::Read(row)))
            .collect()
    }
}

fn construct(pred: &Pred) -> &'static str {
    let operands: Vec<&Operand> = match pred {
        Pred::Is(o)
        | Pred::InList(o, _)
        | Pred::InSet(o, _)
        | Pred::IsNull(o)
        | Pred::Text(o, ..)
        | Pred::InWindow(o, _)
        | Pred::Scope(o, _) => vec![o],
        Pred::Compare(a, _, b) => vec![a, b],
        _ => Vec::new(),
    };
    let path = operands.iter().any(|o| is_path(o));
    let user = operands
        .iter()
        .any(|o| matches!(o, Operand::Attribute(_) | Operand::Login));
    let (plain, over_path, with_user) = match pred {
        Pred::Const(_) => ("constant", "", ""),
        Pred::Not(_) | Pred::And(_) | Pred::Or(_) => ("connective", "", ""),
        Pred::Is(_) => ("boolean", "test over a path", "test of the user"),
        Pred::Compare(..) => (
            "comparison",
            "comparison over a path",
            "comparison with the user",
        ),
        Pred::InList(..) => ("in list", "test over a path", "test of the user"),
        Pred::InSet(..) => ("in set", "test over a path", "test of the user"),
        Pred::IsNull(_) => ("is null", "is null", "is null"),
        Pred::Text(..) => ("text test", "test over a path", "test of the user"),
        Pred::InWindow(..) => ("window", "test over a path", "test of the user"),
        Pred::Scope(..) => ("scope", "test over a path", ""),
        Pred::Exists(e) if e.visible => ("visible", "", ""),
        Pred::Exists(_) => ("exists", "", ""),
        Pred::LinkVisible(_) => ("visible", "", ""),
    };
    match (path, user) {
        (true, _) => over_path,
        (false, true) => with_user,
        (false, false) => plain,
    }
}

fn is_path(operand: &Operand) -> bool {
    match operand {
        Operand::Column(path) => !path.steps.is_empty(),
        Operand::Day(inner) => is_path(Arc::as_ref(inner)),
        _ => false,
    }
}
