//! Laws that answers keep among themselves: equal is an equivalence, implied is transitive, and what is made smaller is
//! equal to what it was.

use ambit_core::Pred;
use ambit_solver::{Facts, Model, Outcome, Question, Who, equal, simplify};

use super::conds::{Maker, Spot};
use super::pairs::prepared;
use super::schema::MAIN;
use crate::budget;
use ambit_tests::rng::Rng;

/// Is the second true wherever the first is? `None`: beyond the solver.
fn implied(model: &Model<'_>, first: &Pred, second: &Pred) -> Option<bool> {
    let mut q = Question::new(model);
    let user = q.user(Who::Anyone);
    let row = q.row(MAIN);
    let holds = q.is_true(user, first, Some(row));
    let follows = q.is_true(user, second, Some(row));
    let differs = q.and([holds, !follows]);
    q.satisfiable(differs).ok().map(|can| !can)
}

#[test]
fn equal_is_an_equivalence_and_implied_is_transitive() {
    let mut rng = Rng::new(budget::seed() ^ 0x1A75);
    let (mut equals, mut implications, mut smaller, mut asked) = (0, 0, 0, 0);
    for _ in 0..40 * budget::times() {
        let schema = prepared(&mut rng);
        let model = Model::new(&schema.program);
        for _ in 0..10 {
            let mut maker = Maker {
                schema: &schema,
                rng: &mut rng,
            };
            let a = maker.cond(Spot::main(), 1);
            let b = maker.related(&a);
            let c = maker.related(&b);
            let same =
                |x: &Pred, y: &Pred| equal(&model, Some(MAIN), x, y, Outcome::Both, Facts::SCHEMA);
            let (Ok(ab), Ok(ba), Ok(bc), Ok(ac)) =
                (same(&a, &b), same(&b, &a), same(&b, &c), same(&a, &c))
            else {
                continue;
            };
            asked += 1;
            assert_eq!(same(&a, &a), Ok(true), "{a:?}");
            assert_eq!(ab, ba, "{a:?}\n{b:?}");
            assert!(!(ab && bc) || ac, "{a:?}\n{b:?}\n{c:?}");
            // Of two that are equal a third is equal to both or to neither.
            assert!(!ab || ac == bc, "{a:?}\n{b:?}\n{c:?}");
            equals += usize::from(ab) + usize::from(bc);
            if let (Some(ab), Some(bc), Some(ac)) = (
                implied(&model, &a, &b),
                implied(&model, &b, &c),
                implied(&model, &a, &c),
            ) {
                assert!(!(ab && bc) || ac, "{a:?}\n{b:?}\n{c:?}");
                implications += usize::from(ab && bc);
            }
            for (outcome, facts) in [
                (Outcome::Both, Facts::NONE),
                (Outcome::True, Facts::SCHEMA),
                (Outcome::False, Facts::NONE),
            ] {
                if let Ok(Some(made)) = simplify(&model, Some(MAIN), &a, outcome, facts) {
                    assert!(made.pred.nodes() < a.nodes(), "{a:?}");
                    assert_eq!(made.nodes.len(), made.pred.nodes());
                    let still = equal(&model, Some(MAIN), &a, &made.pred, outcome, facts);
                    assert_eq!(still, Ok(true), "{a:?}\n{:?}", made.pred);
                    smaller += 1;
                }
            }
        }
    }
    budget::say(&format!(
        "solver: laws over {asked} triples, {equals} equal pairs, {implications} chains of implications, {smaller} made \
         smaller"
    ));
    assert!(equals > 20 && implications > 20 && smaller > 20);
}
