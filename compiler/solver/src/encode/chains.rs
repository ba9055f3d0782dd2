//! Chains of "at most" and "less than" between terms of one model: circles in them, and from where to where each term
//! can lie. Terms are numbers here.

use std::collections::{BTreeSet, VecDeque};

use batsat::Lit;

use super::MOST_LEMMAS;
use super::order::{Key, raise, sink};

/// A term is at most (or, if strict, less than) another, and the literal that says so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edge {
    pub from: usize,
    pub to: usize,
    pub strict: bool,
    pub lit: Lit,
}

/// From where to where a term can lie: more than `low`, within `high`.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    /// Values up to this key are out.
    pub low: Option<Key>,
    /// Values up to this key are in.
    pub high: Option<Key>,
}

/// One side of a span: the key, the literal that says so of the term itself, else the edge over which it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Side {
    pub key: Option<Key>,
    pub lit: Option<Lit>,
    pub over: Option<usize>,
}

/// The spans of all terms.
#[derive(Debug)]
pub(crate) struct Chains {
    edges: Vec<Edge>,
    out: Vec<Vec<usize>>,
    into: Vec<Vec<usize>>,
    low: Vec<Side>,
    high: Vec<Side>,
}

impl Chains {
    /// What bounds and edges say together; `Err`: they cannot hold, and why.
    pub fn new(edges: Vec<Edge>, low: Vec<Side>, high: Vec<Side>) -> Result<Self, Vec<Vec<Lit>>> {
        let count = low.len();
        let mut chains = Self {
            out: vec![Vec::new(); count],
            into: vec![Vec::new(); count],
            edges,
            low,
            high,
        };
        for (number, edge) in chains.edges.iter().enumerate() {
            chains.out[edge.from].push(number);
            chains.into[edge.to].push(number);
        }
        let circles = chains.strict_circles();
        if !circles.is_empty() {
            return Err(circles);
        }
        chains.spread((0..count).collect());
        let lemmas: BTreeSet<Vec<Lit>> = (0..count)
            .filter(|t| chains.is_empty(*t))
            .map(|t| chains.why(t))
            .take(MOST_LEMMAS)
            .collect();
        if lemmas.is_empty() {
            Ok(chains)
        } else {
            Err(lemmas.into_iter().collect())
        }
    }

    /// Where a term can lie.
    pub fn span(&self, term: usize) -> Span {
        Span {
            low: self.low[term].key.clone(),
            high: self.high[term].key.clone(),
        }
    }

    /// The term lies there, between these keys: what follows for the others.
    pub fn fix(&mut self, term: usize, below: Key, at: Key) {
        let (low, high) = (self.low[term].key.take(), self.high[term].key.take());
        self.low[term].key = low.max(Some(below));
        self.high[term].key = Some(high.map_or(at.clone(), |h| h.min(at)));
        self.spread(VecDeque::from([term]));
    }

    fn is_empty(&self, term: usize) -> bool {
        matches!((&self.low[term].key, &self.high[term].key), (Some(l), Some(h)) if l >= h)
    }

    fn spread(&mut self, mut work: VecDeque<usize>) {
        let mut queued = vec![false; self.low.len()];
        for term in &work {
            queued[*term] = true;
        }
        while let Some(at) = work.pop_front() {
            queued[at] = false;
            // A lower key says "more than"; over "less than" it grows by one step where values are whole.
            if let Some(low) = self.low[at].key.clone() {
                for number in &self.out[at] {
                    let edge = self.edges[*number];
                    let wanted = raise(low.clone(), edge.strict);
                    if self.low[edge.to].key.as_ref().is_none_or(|k| *k < wanted) {
                        self.low[edge.to] = Side {
                            key: Some(wanted),
                            lit: None,
                            over: Some(*number),
                        };
                        if !std::mem::replace(&mut queued[edge.to], true) {
                            work.push_back(edge.to);
                        }
                    }
                }
            }
            if let Some(high) = self.high[at].key.clone() {
                for number in &self.into[at] {
                    let edge = self.edges[*number];
                    let wanted = sink(high.clone(), edge.strict);
                    if self.high[edge.from]
                        .key
                        .as_ref()
                        .is_none_or(|k| *k > wanted)
                    {
                        self.high[edge.from] = Side {
                            key: Some(wanted),
                            lit: None,
                            over: Some(*number),
                        };
                        if !std::mem::replace(&mut queued[edge.from], true) {
                            work.push_back(edge.from);
                        }
                    }
                }
            }
        }
    }

    /// The lemma that a span is not empty.
    fn why(&self, term: usize) -> Vec<Lit> {
        let mut lemma = Vec::new();
        let mut here = term;
        while let Some(number) = self.low[here].over {
            lemma.push(!self.edges[number].lit);
            here = self.edges[number].from;
        }
        lemma.extend(self.low[here].lit.map(|l| !l));
        here = term;
        while let Some(number) = self.high[here].over {
            lemma.push(!self.edges[number].lit);
            here = self.edges[number].to;
        }
        lemma.extend(self.high[here].lit.map(|l| !l));
        lemma.sort_unstable();
        lemma.dedup();
        lemma
    }

    /// Circles with a "less than" in them, as lemmas: the shortest over each of these.
    fn strict_circles(&self) -> Vec<Vec<Lit>> {
        let part = self.parts();
        let mut circles: BTreeSet<Vec<Lit>> = BTreeSet::new();
        let mut came: Vec<Option<usize>> = vec![None; self.out.len()];
        for edge in &self.edges {
            if !edge.strict || part[edge.from] != part[edge.to] {
                continue;
            }
            // From its end back to its start.
            came.fill(None);
            let mut work = VecDeque::from([edge.to]);
            'search: while let Some(at) = work.pop_front() {
                for number in &self.out[at] {
                    let next = self.edges[*number].to;
                    if next == edge.to || came[next].is_some() || part[next] != part[at] {
                        continue;
                    }
                    came[next] = Some(*number);
                    if next == edge.from {
                        break 'search;
                    }
                    work.push_back(next);
                }
            }
            let mut lemma = vec![!edge.lit];
            let mut here = edge.from;
            while here != edge.to {
                let Some(number) = came[here] else { break };
                lemma.push(!self.edges[number].lit);
                here = self.edges[number].from;
            }
            lemma.sort_unstable();
            lemma.dedup();
            circles.insert(lemma);
            if circles.len() >= MOST_LEMMAS {
                break;
            }
        }
        circles.into_iter().collect()
    }

    /// The strongly connected part of each term (Tarjan's algorithm, without recursion).
    fn parts(&self) -> Vec<usize> {
        const NONE: usize = usize::MAX;
        let count = self.out.len();
        let (mut index, mut lowest) = (vec![NONE; count], vec![NONE; count]);
        let (mut part, mut stack) = (vec![NONE; count], Vec::new());
        let (mut next, mut parts) = (0, 0);
        for root in 0..count {
            if index[root] != NONE {
                continue;
            }
            let mut calls = vec![(root, 0)];
            while let Some((at, done)) = calls.pop() {
                if done == 0 {
                    index[at] = next;
                    lowest[at] = next;
                    next += 1;
                    stack.push(at);
                }
                if let Some(number) = self.out[at].get(done) {
                    let to = self.edges[*number].to;
                    calls.push((at, done + 1));
                    if index[to] == NONE {
                        calls.push((to, 0));
                    } else if part[to] == NONE {
                        lowest[at] = lowest[at].min(index[to]);
                    }
                    continue;
                }
                if lowest[at] == index[at] {
                    while let Some(member) = stack.pop() {
                        part[member] = parts;
                        if member == at {
                            break;
                        }
                    }
                    parts += 1;
                }
                if let Some((above, _)) = calls.last() {
                    lowest[*above] = lowest[*above].min(lowest[at]);
                }
            }
        }
        part
    }
}
