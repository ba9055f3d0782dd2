//! Asking: can a formula hold, and for what.

use crate::circuit::Bool;
use crate::encode::{Encoding, Mode, Plan};
use crate::limit::Limit;
use crate::minimise;
use crate::question::Question;
use crate::witness::{Size, Witness};

/// Encodings of so many days are kept for the next question; a solver takes 4 MB, a large one a hundred, and there can be
/// hundreds of days.
const KEPT_DAYS: usize = 4;

/// A question that is written out and can be asked many times.
#[derive(Debug)]
pub struct Asked<'q, 'p, 'm> {
    question: &'q Question<'p, 'm>,
    formulas: Vec<Bool>,
    plan: Plan,
    /// The same with what only witnesses ask.
    witness_plan: Option<Plan>,
    /// The usual day first; the others are found when it does not serve.
    days: Vec<crate::days::Day>,
    all_days: bool,
    /// Encodings of how many days are kept: of none where it is asked once.
    kept_days: usize,
    /// One for each of the first days that were needed so far.
    encodings: Vec<Encoding<'p>>,
    /// The one in which tests of the day come out as it suits.
    any_day: Option<Box<Encoding<'p>>>,
}

impl<'p, 'm> Question<'p, 'm> {
    /// Can this hold?
    ///
    /// # Errors
    /// With the limit that the question is beyond.
    pub fn satisfiable(&mut self, what: Bool) -> Result<bool, Limit> {
        self.prepare(&[what], false, 0)?.can(&[what])
    }

    /// For what this holds, as small as can be; `None`: it can never hold.
    ///
    /// # Errors
    /// With the limit that the question is beyond.
    pub fn witness(&mut self, what: Bool) -> Result<Option<Witness>, Limit> {
        self.prepare(&[what], false, 0)?.witness(&[what])
    }

    /// Writes out what these formulas need, so that they can be asked about together and one by one.
    ///
    /// # Errors
    /// With the limit that the question is beyond.
    pub fn ask<'q>(&'q mut self, formulas: &[Bool]) -> Result<Asked<'q, 'p, 'm>, Limit> {
        self.prepare(formulas, true, KEPT_DAYS)
    }

    /// The same where nobody asks for what negates one of them: fewer rows matter then.
    ///
    /// # Errors
    /// With the limit that the question is beyond.
    pub fn ask_as_given<'q>(&'q mut self, formulas: &[Bool]) -> Result<Asked<'q, 'p, 'm>, Limit> {
        self.prepare(formulas, false, KEPT_DAYS)
    }

    fn prepare<'q>(
        &'q mut self,
        formulas: &[Bool],
        negated: bool,
        kept_days: usize,
    ) -> Result<Asked<'q, 'p, 'm>, Limit> {
        self.expand(formulas, negated)?;
        self.write_users();
        let plan = Plan::new(self, formulas, false)?;
        Ok(Asked {
            question: self,
            formulas: formulas.to_vec(),
            plan,
            witness_plan: None,
            days: vec![crate::encode::usual_day()],
            all_days: false,
            kept_days,
            encodings: Vec::new(),
            any_day: None,
        })
    }
}

impl<'p> Asked<'_, 'p, '_> {
    /// Can all of these hold together? Only formulas that [`Question::ask`] was given.
    ///
    /// # Errors
    /// None so far; a limit is found when the question is written out.
    pub fn can(&mut self, all: &[Bool]) -> Result<bool, Limit> {
        Ok(self.first_day(all).is_some())
    }

    /// The first day on which all of these can hold, by position.
    fn first_day(&mut self, all: &[Bool]) -> Option<usize> {
        if all.contains(&Bool::FALSE) {
            return None;
        }
        if self.holds_on(0, all) {
            return Some(0);
        }
        if !self.plan.uses_day || !self.holds_on_any_day(all) {
            return None;
        }
        self.find_days();
        (1..self.days.len()).find(|position| self.holds_on(*position, all))
    }

    fn holds_on(&mut self, position: usize, all: &[Bool]) -> bool {
        while position < self.kept_days && self.encodings.len() <= position {
            let next = self.written_on(self.encodings.len());
            self.encodings.push(next);
        }
        let question = &self.question;
        match self.encodings.get_mut(position) {
            Some(kept) => solve(kept, question, all),
            None => solve(&mut self.written_on(position), question, all),
        }
    }

    /// The question as it is on a day.
    fn written_on(&self, position: usize) -> Encoding<'p> {
        let mode = Mode {
            witness: false,
            record: false,
            any_day: false,
        };
        Encoding::new(self.question, &self.plan, self.days[position], mode)
    }

    /// Could it hold if every test of the day came out as it suits? If not, it can on no day.
    fn holds_on_any_day(&mut self, all: &[Bool]) -> bool {
        let mode = Mode {
            witness: false,
            record: false,
            any_day: true,
        };
        let written = || {
            let day = crate::encode::usual_day();
            Encoding::new(self.question, &self.plan, day, mode)
        };
        if self.kept_days == 0 {
            return solve(&mut written(), self.question, all);
        }
        let encoding = self.any_day.get_or_insert_with(|| Box::new(written()));
        solve(encoding, self.question, all)
    }

    /// Finds the days that the usual one does not stand for.
    fn find_days(&mut self) {
        if !self.all_days {
            self.all_days = true;
            let days = self.plan.days(self.question);
            let usual = crate::encode::usual_day();
            self.days.extend(days.into_iter().filter(|d| *d != usual));
        }
    }

    /// Can all of these hold together on the usual day? A quick way to a "yes"; "no" says nothing of other days.
    pub fn can_usually(&mut self, all: &[Bool]) -> bool {
        !all.contains(&Bool::FALSE) && self.holds_on(0, all)
    }

    /// For what all of these hold, as small as can be.
    ///
    /// # Errors
    /// With the limit that the witness is beyond: it may ask more of a value than whether there is one.
    pub fn witness(&mut self, all: &[Bool]) -> Result<Option<Witness>, Limit> {
        Ok(self.measured(all)?.map(|(witness, _)| witness))
    }

    /// The same with its size, which no other falls below.
    ///
    /// # Errors
    /// As of [`Asked::witness`].
    pub fn measured(&mut self, all: &[Bool]) -> Result<Option<(Witness, Size)>, Limit> {
        let Some(first) = self.first_day(all) else {
            return Ok(None);
        };
        let plan = match self.witness_plan.take() {
            Some(plan) => plan,
            None => Plan::new(self.question, &self.formulas, true)?,
        };
        let found = self.smallest(&plan, self.days[first], all);
        self.witness_plan = Some(plan);
        // It can hold, so there is one. Were there none, it would be a fault of ours: refused, never "it cannot hold".
        found.map(Some).ok_or(Limit::Size)
    }

    fn smallest(
        &self,
        plan: &Plan,
        first: crate::days::Day,
        all: &[Bool],
    ) -> Option<(Witness, Size)> {
        let (mut witness, mut size) = self.smallest_on(plan, first, all, None)?;
        if size.fields == 0 || !self.plan.uses_day {
            return Some((witness, size));
        }
        // Days are all as long to read, so another one serves only where it needs fewer fields.
        let least = self.least_on_any_day(plan, all, size.fields - 1);
        if let Some(least) = least {
            let days = plan.days(self.question);
            for day in days.into_iter().filter(|d| *d != first) {
                if let Some(found) = self.smallest_on(plan, day, all, Some(size.fields - 1)) {
                    (witness, size) = found;
                    if size.fields <= least {
                        break;
                    }
                }
            }
        }
        Some((witness, size))
    }

    fn smallest_on(
        &self,
        plan: &Plan,
        day: crate::days::Day,
        all: &[Bool],
        most: Option<usize>,
    ) -> Option<(Witness, Size)> {
        let mode = Mode {
            witness: true,
            record: false,
            any_day: false,
        };
        let mut encoding = Encoding::new(self.question, plan, day, mode);
        minimise::smallest(self.question, plan, &mut encoding, all, most)
    }

    /// How many fields it needs at least if every test of the day comes out as it suits; `None`: more than `most`.
    fn least_on_any_day(&self, plan: &Plan, all: &[Bool], most: usize) -> Option<usize> {
        let mode = Mode {
            witness: true,
            record: false,
            any_day: true,
        };
        let day = crate::encode::usual_day();
        let mut encoding = Encoding::new(self.question, plan, day, mode);
        minimise::least(self.question, plan, &mut encoding, all, most)
    }

    /// Every clause of the first day's encoding, with the lemmas that asking added: for comparing procedures on the
    /// same formula. Variables count from 1; negative: negated. The literals of `all` are clauses of their own.
    pub fn clauses(&mut self, all: &[Bool]) -> (u32, Vec<Vec<i32>>) {
        let mode = Mode {
            witness: false,
            record: true,
            any_day: false,
        };
        let day = self.days.first().copied().unwrap_or_default();
        let mut encoding = Encoding::new(self.question, &self.plan, day, mode);
        let lits: Vec<_> = all
            .iter()
            .map(|b| encoding.lit(self.question, *b))
            .collect();
        encoding.solve(&lits);
        let number = |lit: &batsat::Lit| {
            let var = lit.var().idx() as i32 + 1;
            if lit.sign() { var } else { -var }
        };
        let recorded = encoding.sat.record.take().unwrap_or_default();
        let mut clauses: Vec<Vec<i32>> = recorded
            .iter()
            .map(|c| c.iter().map(number).collect())
            .collect();
        clauses.extend(lits.iter().map(|l| vec![number(l)]));
        (encoding.sat.vars(), clauses)
    }
}

/// Can all of these hold together, as an encoding has it?
fn solve(encoding: &mut Encoding<'_>, question: &Question<'_, '_>, all: &[Bool]) -> bool {
    let lits: Vec<_> = all.iter().map(|b| encoding.lit(question, *b)).collect();
    encoding.solve(&lits)
}
