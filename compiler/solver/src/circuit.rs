//! Two-valued formulas over atoms: hash-consed, with `and` and `not` alone, so that equal formulas are one node.

use std::ops::Not;

use rustc_hash::FxHashMap;

use crate::atom::Atom;

/// A formula of a question: a node of its circuit, perhaps negated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bool(u32);

impl Bool {
    /// Always.
    pub const TRUE: Self = Self(0);
    /// Never.
    pub const FALSE: Self = Self(1);

    pub(crate) fn node(self) -> usize {
        (self.0 >> 1) as usize
    }

    pub(crate) fn negated(self) -> bool {
        self.0 & 1 == 1
    }

    pub(crate) fn of(value: bool) -> Self {
        if value { Self::TRUE } else { Self::FALSE }
    }

    /// The value, where it is known without any atom.
    pub fn constant(self) -> Option<bool> {
        (self.node() == 0).then_some(!self.negated())
    }
}

impl Not for Bool {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    True,
    Atom(u32),
    And(Box<[Bool]>),
}

/// The formulas of a question.
#[derive(Debug)]
pub(crate) struct Circuit {
    pub nodes: Vec<Node>,
    pub atoms: Vec<Atom>,
    ands: FxHashMap<Box<[Bool]>, u32>,
    of_atom: FxHashMap<Atom, u32>,
}

impl Circuit {
    pub fn new() -> Self {
        Self {
            nodes: vec![Node::True],
            atoms: Vec::new(),
            ands: FxHashMap::default(),
            of_atom: FxHashMap::default(),
        }
    }

    pub fn atom(&mut self, atom: Atom) -> Bool {
        if let Some(node) = self.of_atom.get(&atom) {
            return Bool(node << 1);
        }
        let node = self.nodes.len() as u32;
        self.nodes.push(Node::Atom(self.atoms.len() as u32));
        self.atoms.push(atom.clone());
        self.of_atom.insert(atom, node);
        Bool(node << 1)
    }

    /// The number of an atom that some formula speaks of.
    pub fn find(&self, atom: &Atom) -> Option<u32> {
        match self.nodes[*self.of_atom.get(atom)? as usize] {
            Node::Atom(number) => Some(number),
            _ => None,
        }
    }

    pub fn and(&mut self, parts: impl IntoIterator<Item = Bool>) -> Bool {
        let mut list: Vec<Bool> = Vec::new();
        for part in parts {
            match part.constant() {
                Some(true) => {}
                Some(false) => return Bool::FALSE,
                None => match &self.nodes[part.node()] {
                    Node::And(inner) if !part.negated() => list.extend(inner.iter()),
                    _ => list.push(part),
                },
            }
        }
        list.sort_unstable();
        list.dedup();
        // A formula and its negation stand side by side, being one node.
        if list.windows(2).any(|w| w[0] == !w[1]) {
            return Bool::FALSE;
        }
        match list.as_slice() {
            [] => Bool::TRUE,
            [one] => *one,
            _ => {
                let list: Box<[Bool]> = list.into();
                if let Some(node) = self.ands.get(&list) {
                    return Bool(node << 1);
                }
                let node = self.nodes.len() as u32;
                self.nodes.push(Node::And(list.clone()));
                self.ands.insert(list, node);
                Bool(node << 1)
            }
        }
    }

    pub fn or(&mut self, parts: impl IntoIterator<Item = Bool>) -> Bool {
        let negated: Vec<Bool> = parts.into_iter().map(|p| !p).collect();
        !self.and(negated)
    }
}
