//! A shorter sequence that still fails.

use super::world::Step;

/// Leaves steps out, many at first, as long as what is left still fails.
pub fn shortest(steps: &[Step], fails: impl Fn(&[Step]) -> bool) -> Vec<Step> {
    let mut steps = steps.to_vec();
    let mut size = steps.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(at..(at + size).min(steps.len()));
            if fails(&fewer) {
                steps = fewer;
            } else {
                at += size;
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    steps
}

#[test]
fn a_failure_shrinks_to_the_steps_that_make_it() {
    let step = |seed| Step { seed, tame: false };
    let steps: Vec<Step> = (0..40).map(step).collect();
    let fails = |s: &[Step]| s.contains(&step(7)) && s.contains(&step(31));
    assert_eq!(shortest(&steps, fails), [step(7), step(31)]);
}
