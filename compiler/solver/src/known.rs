//! Where unknown can come from, and where links lead: for who tells nulls from the rest.

use ambit_core::Step;

use crate::atom::{RowId, Term, UserId};
use crate::circuit::Bool;
use crate::question::Question;

impl Question<'_, '_> {
    /// Every attribute and login of the user that formulas read so far is supplied.
    pub fn all_supplied(&mut self, user: UserId) -> Bool {
        let owner = self.users[user.index()].attributes;
        let mut parts = Vec::new();
        for term in self.terms_where(|term| match term {
            Term::Attribute(of, _) => of == owner,
            Term::Login(of, _) => of == user,
            _ => false,
        }) {
            parts.push(!self.null(term));
        }
        self.and(parts)
    }

    /// Nothing that formulas read so far is outside its enum, or a scope that cannot be read.
    pub fn nothing_stray(&mut self) -> Bool {
        let mut parts = Vec::new();
        for term in self.terms_where(|_| true) {
            parts.push(!self.stray(term));
        }
        self.and(parts)
    }

    /// Every link that formulas follow so far and that has a value leads to a row.
    pub fn links_lead(&mut self) -> Bool {
        let mut links: Vec<_> = self.parents.iter().map(|(from, to)| (*from, *to)).collect();
        links.sort_unstable();
        let mut parts = Vec::new();
        for ((row, column, _), parent) in links {
            let own = self.cell(row, column);
            let known = self.known(own);
            let present = self.rows[parent.index()].present;
            parts.push(self.implies(known, present));
        }
        self.and(parts)
    }

    /// The row that a step leads to, and that it is there.
    pub fn linked_row(&mut self, row: RowId, step: &Step) -> (RowId, Bool) {
        let parent = self.parent(row, step);
        (parent, self.rows[parent.index()].present)
    }

    fn terms_where(&self, wanted: impl Fn(Term) -> bool) -> Vec<crate::atom::TermId> {
        self.terms
            .iter()
            .enumerate()
            .filter(|(_, info)| wanted(info.term))
            .map(|(position, _)| crate::atom::TermId(position as u32))
            .collect()
    }
}
