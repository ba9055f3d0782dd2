//! Pairs of conditions: what each can be, whether one implies the other, whether they are equal.

use std::time::Instant;

use ambit_core::{Pred, PrincipalId, TableId};
use ambit_eval::{Data, Judge, RowRef, Truth, User};
use ambit_solver::{Asked, Bool, Facts, Limit, Model, Question, Who};
use ambit_tests::rng::Rng;

use super::conds::{Maker, Spot};
use super::constructs::{Table, constructs};
use super::domain::{Domain, Person, Reads, allowed, at_hand, data, people};
use super::measure::{Counted, Point, lengths, take};
use super::policies::rule;
use super::schema::{BASE, KIDS, LEAF, MAIN, Schema, schema};
use crate::budget;

const PAIRS: usize = 50_000;
/// How many pairs one schema serves.
const OF_ONE: usize = 4;
const MOST_POINTS: usize = 500;

#[derive(Debug, Default)]
pub struct Tally {
    table: Table,
    pairs: u64,
    yes: u64,
    no: u64,
    limits: u64,
    points: u64,
    /// Questions for which the small domain holds a model.
    found: u64,
}

/// What is asked of a pair.
const ASKED: [(&str, fn(Truth, Truth) -> bool); 4] = [
    ("a is true", |a, _| a.is_true()),
    ("a is true, b is not", |a, b| a.is_true() && !b.is_true()),
    ("a and b differ", |a, b| a != b),
    ("a is unknown, b is false", |a, b| {
        a == Truth::Unknown && b.is_false()
    }),
];

#[test]
fn pairs_against_exhaustive_evaluation() {
    let started = Instant::now();
    let seed = budget::seed();
    let mut tally = Tally::default();
    let mut wrong: Vec<String> = Vec::new();
    for n in 0..PAIRS * budget::times() / OF_ONE {
        let mut rng = Rng::new(seed).fork(n as u64);
        let schema = prepared(&mut rng);
        let model = Model::new(&schema.program);
        for m in 0..OF_ONE {
            let (a, b) = pair(&schema, &mut rng);
            let case = Case {
                schema: &schema,
                a: &a,
                b: &b,
                facts: if rng.chance(15) {
                    Facts::NONE
                } else {
                    Facts::SCHEMA
                },
            };
            if let Err(problem) = case.check(&model, &mut rng, &mut tally) {
                wrong.push(format!("pair {m} of schema {n}: {problem}{}", case.show()));
            }
        }
        if wrong.len() > 5 {
            break;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let answers = tally.yes + tally.no;
    let share = |n: u64| 100.0 * n as f64 / answers as f64;
    budget::say(&format!(
        "solver: {} pairs, {answers} answers: {:.1} % yes, {:.1} % no; {} of the yes within the {} points tried; \
         {} at a limit; {:.1} s",
        tally.pairs,
        share(tally.yes),
        share(tally.no),
        tally.found,
        tally.points,
        tally.limits,
        seconds
    ));
    budget::say(&tally.table.print());
    budget::summary(
        "solver-pairs",
        "exhaustive",
        &budget::Outcome {
            cases: tally.pairs,
            differences: wrong.len() as u64,
            refused: tally.limits,
            seed,
            seconds,
        },
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(share(tally.yes) >= 20.0 && share(tally.no) >= 20.0);
    assert!(tally.limits * 50 < tally.pairs);
    let missing = tally.table.missing();
    assert!(missing.is_empty(), "not covered: {missing:?}");
}

/// A schema with some rules on what can be asked for visible rows.
pub fn prepared(rng: &mut Rng) -> Schema {
    let mut schema = schema(rng);
    let mut rules = Vec::new();
    for table in [BASE, KIDS] {
        for _ in 0..rng.below(3) {
            rules.push(rule(&schema, rng, table));
        }
    }
    schema.program.rules = rules;
    schema
}

/// Two conditions, often related.
fn pair(schema: &Schema, rng: &mut Rng) -> (Pred, Pred) {
    let mut maker = Maker { schema, rng };
    let a = maker.cond(Spot::main(), 2);
    let b = maker.related(&a);
    if maker.rng.chance(30) { (b, a) } else { (a, b) }
}

/// Who can tell the conditions apart.
fn who(schema: &Schema, reads: &Reads) -> Vec<Person> {
    let logins: &[&str] = if reads.login {
        &["", "a", "b", "zz"]
    } else {
        &[]
    };
    let mut all = people(&schema.program, logins, false);
    if !reads.rules {
        let some = [None, Some(PrincipalId(3)), Some(PrincipalId(5))];
        all.retain(|p| p.held.is_empty() && some.contains(&p.declared));
    }
    if !reads.rules && !reads.login {
        all.truncate(1);
    }
    all
}

fn queries(reads: &Reads) -> Vec<Vec<TableId>> {
    let mut queries = vec![vec![MAIN]];
    if reads.rules {
        queries.push(vec![BASE, MAIN]);
        queries.push(vec![KIDS, MAIN]);
        queries.push(vec![BASE, KIDS, LEAF, MAIN]);
    }
    queries
}

/// The smallest point of a domain for which something holds.
type Smallest = Option<(usize, Vec<usize>, String)>;

struct Case<'a> {
    schema: &'a Schema,
    a: &'a Pred,
    b: &'a Pred,
    facts: Facts,
}

impl Case<'_> {
    fn show(&self) -> String {
        let print = |p: &Pred| ambit_core::print::print_pred(&self.schema.program, Some(MAIN), p);
        format!(
            "\n  a: {}\n  b: {}\n  zone {}, {:?}",
            print(self.a),
            print(self.b),
            self.schema.program.settings.zone,
            self.facts
        )
    }

    fn check(&self, model: &Model<'_>, rng: &mut Rng, tally: &mut Tally) -> Result<(), String> {
        let program = &self.schema.program;
        let mut reads = Reads::default();
        reads.pred(program, MAIN, self.a);
        reads.pred(program, MAIN, self.b);
        tally.pairs += 1;
        let at_hand = at_hand(program, &reads, false);
        let counted = Counted {
            program,
            reads: &reads,
            given: &[],
            at_hand: &at_hand,
        };
        let people = who(self.schema, &reads);
        let domain = Domain::new(
            rng,
            self.schema,
            &reads,
            people,
            queries(&reads),
            self.facts,
            MOST_POINTS,
        );
        let smallest = self.enumerate(&reads, &domain, &counted, tally);

        let mut q = Question::with_facts(model, self.facts);
        let user = q.user(Who::Anyone);
        let row = Some(q.row(MAIN));
        let (ta, fa) = (q.is_true(user, self.a, row), q.is_false(user, self.a, row));
        let (tb, fb) = (q.is_true(user, self.b, row), q.is_false(user, self.b, row));
        let implied = q.and([ta, !tb]);
        let (true_alike, false_alike) = (q.iff(ta, tb), q.iff(fa, fb));
        let equal = q.and([true_alike, false_alike]);
        let odd = q.and([!ta, !fa, fb]);
        let formulas: [Bool; 4] = [ta, implied, !equal, odd];
        let mut asked = match q.ask_as_given(&formulas) {
            Ok(asked) => asked,
            Err(Limit::InstantAndDay { .. }) => {
                tally.limits += 1;
                return Ok(());
            }
            Err(other) => return Err(other.to_string()),
        };
        let constructs = constructs(self.schema, &[self.a, self.b], self.facts);
        for (n, formula) in formulas.iter().enumerate() {
            let answer = self
                .answer(&mut asked, n, *formula, &counted, &smallest[n])
                .map_err(|e| format!("{}: {e}", ASKED[n].0))?;
            let Some(answer) = answer else {
                tally.limits += 1;
                continue;
            };
            tally.yes += u64::from(answer);
            tally.no += u64::from(!answer);
            tally.found += u64::from(smallest[n].is_some());
            tally.table.count(&constructs, answer);
        }
        Ok(())
    }

    /// Asks the solver one question and holds its answer against what was tried.
    fn answer(
        &self,
        asked: &mut Asked<'_, '_, '_>,
        n: usize,
        formula: Bool,
        counted: &Counted<'_>,
        smallest: &Smallest,
    ) -> Result<Option<bool>, String> {
        let program = &self.schema.program;
        let can = asked.can(&[formula]).unwrap();
        let measured = match asked.measured(&[formula]) {
            Ok(measured) => measured,
            // A witness may ask more of an instant than whether it holds: then no answer is given at all.
            Err(Limit::InstantAndDay { .. }) if can => return Ok(None),
            Err(other) => return Err(format!("{can}, but {other}")),
        };
        let Some((witness, size)) = measured else {
            return match smallest {
                _ if can => Err("yes, but no witness".to_owned()),
                Some((fields, _, point)) => Err(format!(
                    "never, says the solver, but with {fields} fields: {point}"
                )),
                None => Ok(Some(false)),
            };
        };
        let told = format!("{witness:?} {size:?}");
        if !can {
            return Err(format!("no, but there is a witness: {told}"));
        }
        let taken =
            take(program, &witness, true, self.facts).map_err(|e| format!("{e}: {told}"))?;
        let judge = Judge::new(
            program,
            &taken.data,
            &taken.user,
            &witness.query,
            witness.today,
            None,
        );
        let value = |p: &Pred| judge.value_of(MAIN, RowRef::new(&taken.row), p);
        let (a, b) = (value(self.a), value(self.b));
        if !ASKED[n].1(a, b) {
            return Err(format!("a is {a}, b is {b} for the witness {told}"));
        }
        if !allowed(program, &taken.user) {
            return Err(format!("nobody is this user: {told}"));
        }
        let fields = counted.fields(&Point {
            row: &taken.row,
            new: None,
            others: &taken.others,
            person: &taken.person,
            user: &taken.user,
            query: &witness.query,
        });
        if fields != size.fields {
            return Err(format!(
                "{fields} fields, but the size says otherwise: {told}"
            ));
        }
        let own = lengths(program, &taken.row);
        match smallest {
            Some((least, _, point)) if *least < fields => {
                Err(format!("{fields} fields in {told}, but {least} in {point}"))
            }
            Some((least, shorter, point))
                if *least == fields && counted.only_the_row() && *shorter < own =>
            {
                Err(format!("{own:?} in {told}, but {shorter:?} in {point}"))
            }
            _ => Ok(Some(true)),
        }
    }

    /// Tries the whole domain: for each question the smallest point.
    fn enumerate(
        &self,
        reads: &Reads,
        domain: &Domain,
        counted: &Counted<'_>,
        tally: &mut Tally,
    ) -> [Smallest; 4] {
        let program = &self.schema.program;
        let mut smallest: [Smallest; 4] = Default::default();
        let rows = domain.rows(program);
        let users: Vec<(Person, User)> = domain.users(program, false);
        let with_row = reads.data.contains(&MAIN);
        for others in domain.others(program) {
            let fixed: Option<Data> = if with_row {
                None
            } else {
                data(program, &others)
            };
            if !with_row && fixed.is_none() {
                continue;
            }
            for row in &rows {
                let own;
                let data = match &fixed {
                    Some(data) => data,
                    None => {
                        let mut all = others.clone();
                        all.push((MAIN, row.clone()));
                        let Some(made) = data(program, &all) else {
                            continue;
                        };
                        own = made;
                        &own
                    }
                };
                for (person, user) in &users {
                    for (today, query) in domain.times() {
                        let judge = Judge::new(program, data, user, query, today, None);
                        let a = judge.value_of(MAIN, RowRef::new(row), self.a);
                        let b = judge.value_of(MAIN, RowRef::new(row), self.b);
                        tally.points += 1;
                        for (n, (_, holds)) in ASKED.iter().enumerate() {
                            if !holds(a, b) {
                                continue;
                            }
                            let point = Point {
                                row,
                                new: None,
                                others: &others,
                                person,
                                user,
                                query,
                            };
                            let size = (counted.least(&point), lengths(program, row));
                            if smallest[n]
                                .as_ref()
                                .is_none_or(|(f, l, _)| (size.0, &size.1) < (*f, l))
                            {
                                let told = format!("{row:?} {others:?} {user:?} {query:?} {today}");
                                smallest[n] = Some((size.0, size.1, told));
                            }
                        }
                    }
                }
            }
        }
        smallest
    }
}
