//! The SAT solver beneath (batsat: pure Rust, incremental, deterministic), behind what the encoding needs of it.

use std::cell::Cell;

use batsat::{Callbacks, Lit, Solver, SolverInterface as _, SolverOpts, lbool};

use crate::model::Wanted;

/// After how many clauses, or steps of the search, it is looked whether the answer is wanted still.
const BETWEEN_LOOKS: u32 = 64;

/// Looks now and then whether the answer is wanted still.
struct Looks<'p> {
    wanted: Wanted<'p>,
    left: Cell<u32>,
}

impl Looks<'_> {
    fn step(&self) {
        let left = self.left.get();
        if left > 0 {
            self.left.set(left - 1);
        } else {
            self.left.set(BETWEEN_LOOKS);
            self.wanted.look();
        }
    }
}

impl Callbacks for Looks<'_> {
    // Called at each step of the search: it unwinds rather than answer, so that no half answer can be taken for one.
    fn stop(&self) -> bool {
        self.step();
        false
    }
}

/// A solver of clauses.
pub(crate) struct Sat<'p> {
    solver: Solver<Looks<'p>>,
    truth: Lit,
    scratch: Vec<Lit>,
    /// Every clause, where somebody wants to see them.
    pub record: Option<Vec<Vec<Lit>>>,
}

impl<'p> Sat<'p> {
    pub fn new(record: bool, wanted: Wanted<'p>) -> Self {
        let looks = Looks {
            wanted,
            left: Cell::new(BETWEEN_LOOKS),
        };
        let mut solver = Solver::new(SolverOpts::default(), looks);
        let truth = Lit::new(solver.new_var_default(), true);
        let mut sat = Self {
            solver,
            truth,
            scratch: Vec::new(),
            record: record.then(Vec::new),
        };
        sat.add(&[truth]);
        sat
    }

    /// The literal that is always true.
    pub fn yes(&self) -> Lit {
        self.truth
    }

    pub fn no(&self) -> Lit {
        !self.truth
    }

    pub fn of(&self, value: bool) -> Lit {
        if value { self.truth } else { !self.truth }
    }

    pub fn fresh(&mut self) -> Lit {
        Lit::new(self.solver.new_var_default(), true)
    }

    pub fn add(&mut self, clause: &[Lit]) {
        if clause.contains(&self.truth) && clause.len() > 1 {
            return;
        }
        if let Some(record) = &mut self.record {
            record.push(clause.to_vec());
        }
        self.solver.cb().step();
        self.scratch.clear();
        self.scratch
            .extend(clause.iter().copied().filter(|l| *l != !self.truth));
        self.solver.add_clause_reuse(&mut self.scratch);
    }

    pub fn and(&mut self, parts: &[Lit]) -> Lit {
        let mut list: Vec<Lit> = parts.iter().copied().filter(|l| *l != self.truth).collect();
        list.sort_unstable();
        list.dedup();
        if list.contains(&!self.truth) || list.windows(2).any(|w| w[0] == !w[1]) {
            return !self.truth;
        }
        match list.as_slice() {
            [] => self.truth,
            [one] => *one,
            _ => {
                let gate = self.fresh();
                for part in &list {
                    self.add(&[!gate, *part]);
                }
                let mut all: Vec<Lit> = list.iter().map(|l| !*l).collect();
                all.push(gate);
                self.add(&all);
                gate
            }
        }
    }

    pub fn or(&mut self, parts: &[Lit]) -> Lit {
        let negated: Vec<Lit> = parts.iter().map(|l| !*l).collect();
        !self.and(&negated)
    }

    /// Exactly one of these.
    pub fn exactly_one(&mut self, list: &[Lit]) {
        self.add(list);
        if list.len() <= 5 {
            for (i, a) in list.iter().enumerate() {
                for b in &list[i + 1..] {
                    self.add(&[!*a, !*b]);
                }
            }
            return;
        }
        // A ladder: `so_far` holds from the one on.
        let mut before: Option<Lit> = None;
        for (i, lit) in list.iter().enumerate() {
            if let Some(before) = before {
                self.add(&[!before, !*lit]);
            }
            if i + 1 < list.len() {
                let so_far = self.fresh();
                self.add(&[!*lit, so_far]);
                if let Some(before) = before {
                    self.add(&[!before, so_far]);
                }
                before = Some(so_far);
            }
        }
    }

    /// Outputs of a counter: the `k`-th holds where more than `k` of the literals hold, for k up to `most`.
    pub fn counter(&mut self, list: &[Lit], most: usize) -> Vec<Lit> {
        match list {
            [] => Vec::new(),
            [one] => vec![*one],
            _ => {
                let (left, right) = list.split_at(list.len() / 2);
                let (left, right) = (self.counter(left, most), self.counter(right, most));
                let size = (left.len() + right.len()).min(most + 1);
                let out: Vec<Lit> = (0..size).map(|_| self.fresh()).collect();
                for i in 0..=left.len() {
                    for j in 0..=right.len() {
                        if i + j == 0 {
                            continue;
                        }
                        let at = (i + j).min(size) - 1;
                        let mut clause = vec![out[at]];
                        if i > 0 {
                            clause.push(!left[i - 1]);
                        }
                        if j > 0 {
                            clause.push(!right[j - 1]);
                        }
                        self.add(&clause);
                    }
                }
                for pair in out.windows(2) {
                    self.add(&[!pair[1], pair[0]]);
                }
                out
            }
        }
    }

    /// Can all clauses and these assumptions hold?
    pub fn solve(&mut self, assumptions: &[Lit]) -> bool {
        self.solver.solve_limited(assumptions) == lbool::TRUE
    }

    /// After assumptions that cannot hold: does what makes them so speak of this one?
    pub fn blames(&self, assumption: Lit) -> bool {
        self.solver.unsat_core_contains_var(assumption.var())
    }

    /// The value of a literal in the model of the last [`Sat::solve`].
    pub fn value(&self, lit: Lit) -> bool {
        self.solver.value_lit(lit) == lbool::TRUE
    }

    pub fn vars(&self) -> u32 {
        self.solver.num_vars()
    }
}

impl std::fmt::Debug for Sat<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sat({} variables)", self.solver.num_vars())
    }
}
