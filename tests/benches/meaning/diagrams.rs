//! The same formulas decided by SAT and by decision diagrams: which one serves the questions that are asked.
//!
//! The formulas are the clauses of real questions (claims of a generated project), with all lemmas. A diagram is built
//! by joining the clauses in order of their variables, each result being false exactly where there is no model; where it
//! outgrows a million nodes, it has lost.

use std::time::Duration;

use ambit_compiler::{check_in_parallel, program};
use ambit_solver::{Act, Model, Question, Who, every_rule};
use ambit_tests::project::{Shape, generate};
use batsat::{BasicSolver, Lit, SolverInterface as _, lbool};
use oxidd::bdd::BDDFunction;
use oxidd::{BooleanFunction as _, Manager as _, ManagerRef as _};

use super::figures::{Figures, time};
use super::findings::open;

type Clauses = (u32, Vec<Vec<i32>>);

pub fn run(figures: &mut Figures, test: bool) {
    let grants = if test { 100 } else { 1_000 };
    let (db, project) = open(&generate(Shape::of_grants(grants)));
    check_in_parallel(&db, project);
    let program = program(&db, project).unwrap();
    let model = Model::new(&program);
    let mut bare: Vec<Clauses> = Vec::new();
    let mut anyone: Vec<Clauses> = Vec::new();
    let most = if test { 5 } else { 60 };
    for (i, rule) in program.rules.iter().enumerate() {
        let ambit_core::Resource::Table(table) = rule.resource else {
            continue;
        };
        let ambit_core::Holder::Principal(principal) = rule.holder else {
            continue;
        };
        if i % 17 != 0 || bare.len() >= most {
            continue;
        }
        for (list, who) in [
            (&mut bare, Who::Bare(principal)),
            (&mut anyone, Who::AnyoneWith(principal)),
        ] {
            let mut q = Question::new(&model);
            let user = q.user(who);
            let row = q.row(table);
            // May whoever has it read a row that the rule does not speak of?
            let holds = q.is_true(user, &rule.pred, Some(row));
            let allowed = q.allowed(user, rule.resource, "read", Act::Read(row), &every_rule);
            let mut asked = q.ask(&[allowed, !holds]).unwrap();
            list.push(asked.clauses(&[allowed, !holds]));
        }
    }
    for (name, list) in [("bare", &bare), ("anyone", &anyone)] {
        let mut sat = Vec::new();
        let mut bdd = Vec::new();
        let mut lost = 0;
        for clauses in list {
            let (took, by_sat) = time(|| solve(clauses));
            sat.push(took);
            match diagram(clauses) {
                Some((took, by_bdd)) => {
                    assert_eq!(by_sat, by_bdd, "two procedures disagree");
                    bdd.push(took);
                }
                None => lost += 1,
            }
        }
        let clauses: usize = list.iter().map(|(_, c)| c.len()).sum::<usize>() / list.len().max(1);
        figures.add(
            &format!("SAT, {name}"),
            list.len(),
            sat,
            None,
            &format!("{clauses} clauses each"),
        );
        if bdd.is_empty() {
            println!("BDD, {name}: outgrew its bounds on all {lost}");
        } else {
            figures.add(
                &format!("BDD, {name}"),
                list.len(),
                bdd,
                None,
                &format!("{lost} outgrew their bounds"),
            );
        }
    }
}

fn solve((vars, clauses): &Clauses) -> bool {
    let mut solver = BasicSolver::default();
    let vars: Vec<_> = (0..*vars).map(|_| solver.new_var_default()).collect();
    for clause in clauses {
        let mut lits: Vec<Lit> = clause
            .iter()
            .map(|l| Lit::new(vars[l.unsigned_abs() as usize - 1], *l > 0))
            .collect();
        solver.add_clause_reuse(&mut lits);
    }
    solver.solve_limited(&[]) == lbool::TRUE
}

/// Satisfiable, by a diagram; `None` where it outgrows its bounds.
fn diagram((vars, clauses): &Clauses) -> Option<(Duration, bool)> {
    let begin = std::time::Instant::now();
    let manager = oxidd::bdd::new_manager(1 << 20, 1 << 18, 1);
    let variables: Vec<BDDFunction> = manager.with_manager_exclusive(|manager| {
        manager
            .add_vars(*vars)
            .map(|n| BDDFunction::var(manager, n).ok())
            .collect::<Option<Vec<_>>>()
    })?;
    let mut sorted: Vec<&Vec<i32>> = clauses.iter().collect();
    sorted.sort_by_key(|c| c.iter().map(|l| l.unsigned_abs()).max());
    let mut all = manager.with_manager_shared(|manager| BDDFunction::t(manager));
    for clause in sorted {
        let mut one = manager.with_manager_shared(|manager| BDDFunction::f(manager));
        for lit in clause {
            let var = &variables[lit.unsigned_abs() as usize - 1];
            let literal = if *lit > 0 {
                var.clone()
            } else {
                var.not().ok()?
            };
            one = one.or(&literal).ok()?;
        }
        all = all.and(&one).ok()?;
        if begin.elapsed() > Duration::from_secs(5) {
            return None;
        }
    }
    Some((begin.elapsed(), all.satisfiable()))
}
