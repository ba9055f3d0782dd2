//! Whole decisions of small policies: can such a user do it, and with what row.

use std::time::Instant;

use ambit_core::{PrincipalId, PrincipalKind, Program, Resource, Row, TableId};
use ambit_eval::{Act as Judged, Data, Judge, RowRef, User};
use ambit_solver::{Act, Bool, Facts, Model, Question, Who, every_rule};
use ambit_tests::random::Coverage;
use ambit_tests::rng::Rng;

use super::domain::{Domain, Person, Reads, at_hand, data, people};
use super::measure::{Counted, Point, take};
use super::policies::{Action, Claim, REPORT, claim, policy, queries};
use super::schema::{MAIN, Schema, schema};
use crate::budget;

const POLICIES: usize = 6_000;
const MOST_POINTS: usize = 500;

#[derive(Debug, Default)]
struct Tally {
    coverage: Coverage,
    questions: u64,
    yes: u64,
    no: u64,
    limits: u64,
    found: u64,
}

#[test]
fn decisions_against_exhaustive_evaluation() {
    let started = Instant::now();
    let seed = budget::seed();
    let mut tally = Tally::default();
    let mut wrong: Vec<String> = Vec::new();
    let count = POLICIES * budget::times();
    for n in 0..count {
        let mut rng = Rng::new(seed ^ 0xDEC1).fork(n as u64);
        let mut schema = schema(&mut rng);
        policy(&mut schema, &mut rng);
        for m in 0..3 {
            let claim = claim(&schema, &mut rng);
            if let Err(problem) = check(&schema, &claim, &mut rng, &mut tally) {
                wrong.push(format!(
                    "policy {n}, {m}: {claim:?}: {problem}\n{}",
                    show(&schema)
                ));
            }
        }
        if wrong.len() > 3 {
            break;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    budget::say(&format!(
        "solver: {} decisions, {} yes, {} no, {} found, {} limits, {seconds:.1} s",
        tally.questions, tally.yes, tally.no, tally.found, tally.limits
    ));
    budget::summary(
        "solver-decisions",
        "exhaustive",
        &budget::Outcome {
            cases: tally.questions,
            differences: wrong.len() as u64,
            refused: tally.limits,
            seed,
            seconds,
        },
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    // Both answers, and few questions that nobody decides.
    assert!(tally.yes * 5 > tally.questions && tally.no * 5 > tally.questions);
    assert!(tally.limits * 50 < tally.questions);
}

fn show(schema: &Schema) -> String {
    let program = &schema.program;
    let mut out = String::new();
    for rule in &program.rules {
        let table = match rule.resource {
            Resource::Table(t) => Some(t),
            Resource::Object(_) => None,
        };
        out += &format!(
            "  {:?} {:?} on {} to {:?} {:?}: {}\n",
            rule.effect,
            rule.actions,
            program.resource_name(rule.resource),
            rule.holder,
            rule.applies,
            ambit_core::print::print_pred(program, table, &rule.pred)
        );
    }
    let sources = (0..program.sources.len() as u32).map(ambit_core::SourceId);
    for source in sources.map(Some).chain([None]) {
        let ids = (0..program.principals.len() as u32).map(ambit_core::PrincipalId);
        let logins: Vec<_> = ids
            .filter_map(|id| Some((id, program.login(id, source)?)))
            .collect();
        out += &format!("  logins in {source:?}: {logins:?}\n");
    }
    out + &format!(
        "  exclusive {:?} listed {} bypasses {:?} zone {}",
        program
            .exclusive
            .iter()
            .map(|e| &e.principals)
            .collect::<Vec<_>>(),
        program.settings.users_listed,
        program
            .principals
            .iter()
            .map(|p| p.bypasses.clone())
            .collect::<Vec<_>>(),
        program.settings.zone
    )
}

/// The users that a claim speaks of.
fn who(program: &Program, who: Who, reads: &Reads) -> Vec<Person> {
    let listed = program.settings.users_listed;
    let is_user = |p: PrincipalId| program.principal(p).kind == PrincipalKind::User;
    let logins: &[&str] = if reads.login { &["", "a", "zz"] } else { &[] };
    let alone = |held: Vec<PrincipalId>| {
        super::domain::all_logins(program, logins)
            .into_iter()
            .map(|logins| Person {
                declared: None,
                held: held.clone(),
                logins,
            })
            .filter(|person| {
                super::domain::allowed(program, &super::domain::user(program, person, &[]))
            })
            .collect::<Vec<_>>()
    };
    let fits = |p: PrincipalId| {
        let mut fitting = people(program, logins, false);
        fitting.retain(|x| super::domain::user(program, x, &[]).has(p));
        if listed || is_user(p) {
            // Of a listed user everything is written.
            fitting.retain(|x| !listed || (x.declared.is_some() && x.held.is_empty()));
        }
        fitting
    };
    match who {
        Who::Bare(p) if is_user(p) => vec![Person {
            declared: Some(p),
            held: vec![],
            logins: vec![],
        }],
        Who::Bare(p) => alone(vec![p]),
        Who::Nobody => alone(vec![]),
        Who::Both(p, q) => alone(vec![p, q]),
        Who::AnyoneWith(p) => fits(p),
        Who::Anyone => {
            let mut all = people(program, logins, false);
            all.retain(|x| !listed || (x.declared.is_some() && x.held.is_empty()));
            all
        }
    }
}

fn resource(action: Action) -> Resource {
    match action {
        Action::Object => Resource::Object(REPORT),
        _ => Resource::Table(MAIN),
    }
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Read => "read",
        Action::Insert => "insert",
        Action::Update => "update",
        Action::Delete => "delete",
        Action::Object => "edit",
    }
}

/// Does the evaluator say that it is so?
fn holds(
    program: &Program,
    claim: &Claim,
    judge: &Judge<'_>,
    user: &User,
    old: &Row,
    new: &Row,
) -> bool {
    let source = match claim.action {
        Action::Object => program.objects[REPORT.index()].source,
        _ => program.source_of(MAIN, None),
    };
    if source.is_some_and(|s| user.bypass(program, s).is_some()) {
        return false;
    }
    let (old, new) = (RowRef::new(old), RowRef::new(new));
    let decided = match claim.action {
        Action::Read => judge.decide(MAIN, Judged::Read(old)),
        Action::Insert => judge.decide(MAIN, Judged::Insert(old)),
        Action::Update => judge.decide(MAIN, Judged::Update { old, new }),
        Action::Delete => judge.decide(MAIN, Judged::Delete(old)),
        Action::Object => judge.decide_object(REPORT, "edit"),
    };
    let spoken = claim.action == Action::Object || judge.value_of(MAIN, old, &claim.pred).is_true();
    decided.is_true() != claim.refused && spoken
}

/// What the claim's rules read.
fn reads(program: &Program, claim: &Claim) -> Reads {
    let mut reads = Reads {
        rules: true,
        ..Reads::default()
    };
    if claim.action != Action::Object {
        reads.pred(program, MAIN, &claim.pred);
        reads.ask(program, MAIN);
    }
    for rule in &program.rules {
        if rule.resource == Resource::Object(REPORT) && claim.action == Action::Object {
            reads.pred(program, MAIN, &rule.pred);
        }
    }
    reads
}

fn check(schema: &Schema, claim: &Claim, rng: &mut Rng, tally: &mut Tally) -> Result<(), String> {
    let program = &schema.program;
    let reads = reads(program, claim);
    tally.questions += 1;
    tally.coverage.count(&format!("{:?}", claim.action));
    let given: Vec<PrincipalId> = match claim.who {
        Who::Bare(p) | Who::AnyoneWith(p) => vec![p],
        Who::Both(p, q) => vec![p, q],
        Who::Anyone | Who::Nobody => vec![],
    };
    let at_hand = at_hand(program, &reads, claim.action == Action::Object);
    let counted = Counted {
        at_hand: &at_hand,
        program,
        reads: &reads,
        given: &given,
    };
    let in_data = !matches!(claim.action, Action::Insert | Action::Object);
    let people = who(program, claim.who, &reads);
    let queries = queries(rng, claim.action == Action::Object);
    let smallest = if people.is_empty() {
        None
    } else {
        let domain = Domain::new(
            rng,
            schema,
            &reads,
            people,
            queries,
            Facts::SCHEMA,
            MOST_POINTS,
        );
        enumerate(schema, claim, &reads, &domain, &counted, in_data)
    };
    tally.found += u64::from(smallest.is_some());

    let model = Model::new(program);
    let mut q = Question::new(&model);
    let user = q.user(claim.who);
    let (act, row) = match claim.action {
        Action::Object => (Act::Object, None),
        Action::Read => {
            let row = q.row(MAIN);
            (Act::Read(row), Some(row))
        }
        Action::Delete => {
            let row = q.row(MAIN);
            (Act::Delete(row), Some(row))
        }
        Action::Insert => {
            let row = q.new_row(MAIN);
            (Act::Insert(row), Some(row))
        }
        Action::Update => {
            let (old, new) = (q.row(MAIN), q.new_row(MAIN));
            (Act::Update { old, new }, Some(old))
        }
    };
    let resource = resource(claim.action);
    let allowed = q.allowed(user, resource, word(claim.action), act, &every_rule);
    let free = q.not_bypassed(user, resource);
    let spoken = match row {
        Some(row) => q.is_true(user, &claim.pred, Some(row)),
        None => Bool::TRUE,
    };
    let wanted = if claim.refused { !allowed } else { allowed };
    let wanted = q.and([wanted, free, spoken]);
    let mut asked = match q.ask_as_given(&[wanted]) {
        Ok(asked) => asked,
        Err(ambit_solver::Limit::InstantAndDay { .. }) => {
            tally.limits += 1;
            return Ok(());
        }
        Err(other) => return Err(other.to_string()),
    };
    let can = asked.can(&[wanted]).unwrap();
    if !can {
        tally.no += 1;
        return match smallest {
            Some((fields, point)) => Err(format!("never, but with {fields} fields: {point}")),
            None => Ok(()),
        };
    }
    tally.yes += 1;
    let (witness, size) = match asked.measured(&[wanted]) {
        Ok(found) => found.ok_or("yes, but no witness")?,
        Err(ambit_solver::Limit::InstantAndDay { .. }) => {
            tally.yes -= 1;
            tally.limits += 1;
            return Ok(());
        }
        Err(other) => return Err(other.to_string()),
    };
    let told = format!("{witness:?} {size:?}");
    let nothing: Row = [].into();
    let taken =
        take(program, &witness, in_data, Facts::SCHEMA).map_err(|e| format!("{e}: {told}"))?;
    let new = witness.rows.get(1).cloned().flatten().unwrap_or(nothing);
    let judge = Judge::new(
        program,
        &taken.data,
        &taken.user,
        &witness.query,
        witness.today,
        None,
    );
    if !holds(program, claim, &judge, &taken.user, &taken.row, &new) {
        return Err(format!("the evaluator says otherwise of {told}"));
    }
    is_who(program, claim.who, &taken.person, &taken.user).map_err(|e| format!("{e}: {told}"))?;
    let point = Point {
        row: &taken.row,
        new: witness.rows.get(1).and_then(Option::as_ref),
        others: &taken.others,
        person: &taken.person,
        user: &taken.user,
        query: &witness.query,
    };
    let fields = counted.fields(&point);
    if fields != size.fields {
        return Err(format!(
            "{fields} fields, but the size says otherwise: {told}"
        ));
    }
    match smallest {
        Some((least, point)) if least < fields => {
            Err(format!("{fields} fields in {told}, but {least} in {point}"))
        }
        _ => Ok(()),
    }
}

/// The witness is such a user.
fn is_who(program: &Program, who: Who, person: &Person, user: &User) -> Result<(), String> {
    let listed = program.settings.users_listed;
    for (source, login) in &person.logins {
        if let Some(login) = login
            && program.user_of_login(login, *source).is_some()
        {
            return Err("another user has this login".to_owned());
        }
    }
    let fits = match who {
        Who::Bare(p) => {
            return if person.held.iter().chain(&person.declared).all(|q| *q == p) && user.has(p) {
                Ok(())
            } else {
                Err("not that principal alone".to_owned())
            };
        }
        Who::Both(p, q) => user.has(p) && user.has(q) && person.declared.is_none(),
        Who::Nobody => user.principals.is_empty(),
        Who::AnyoneWith(p) => user.has(p),
        Who::Anyone => true,
    };
    if !fits {
        return Err("another user".to_owned());
    }
    if matches!(who, Who::Anyone | Who::AnyoneWith(_)) {
        if !super::domain::allowed(program, user) {
            return Err("nobody is this user".to_owned());
        }
        if listed && (person.declared.is_none() || !person.held.is_empty()) {
            return Err("not a listed user".to_owned());
        }
    }
    Ok(())
}

fn enumerate(
    schema: &Schema,
    claim: &Claim,
    reads: &Reads,
    domain: &Domain,
    counted: &Counted<'_>,
    in_data: bool,
) -> Option<(usize, String)> {
    let program = &schema.program;
    let mut smallest: Option<(usize, String)> = None;
    let rows = domain.rows(program);
    let news: Vec<Option<&Row>> = match claim.action {
        Action::Update => rows.iter().map(Some).collect(),
        _ => vec![None],
    };
    let users = domain.users(program, program.settings.users_listed);
    let with_row = in_data && reads.data.contains(&MAIN);
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
                    let mut all: Vec<(TableId, Row)> = others.clone();
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
                    for new in &news {
                        if !holds(program, claim, &judge, user, row, new.unwrap_or(row)) {
                            continue;
                        }
                        let fields = counted.least(&Point {
                            row,
                            new: *new,
                            others: &others,
                            person,
                            user,
                            query,
                        });
                        if smallest.as_ref().is_none_or(|(least, _)| fields < *least) {
                            let told =
                                format!("{row:?} {new:?} {others:?} {user:?} {query:?} {today}");
                            smallest = Some((fields, told));
                        }
                    }
                }
            }
        }
    }
    smallest
}
