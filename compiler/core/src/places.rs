//! The source map: where each node of a rule's condition is written.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::pred::Pred;
use crate::program::Rule;

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file, relative to the project, with `/`.
    pub file: SmolStr,
    /// The line, from 1.
    pub line: u32,
}

/// The places of the nodes of a condition, beside it: conditions stay comparable wherever they are written.
///
/// Nodes are numbered in pre-order (a node before what it is made of, see [`Pred::children`]). Neighbours mostly
/// share a line, so a place is kept only where it changes; a rule on one line keeps none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Places {
    changes: Arc<[(u32, Place)]>,
}

impl Places {
    /// The place of a node; `None` where it stands at the rule's own line.
    pub fn get(&self, node: usize) -> Option<&Place> {
        let after = self
            .changes
            .partition_point(|(first, _)| *first as usize <= node);
        let (_, place) = self.changes.get(after.checked_sub(1)?)?;
        Some(place)
    }

    /// The places of all nodes in pre-order; `own` is the line of the rule.
    pub fn collect(own: Place, nodes: impl Iterator<Item = Place>) -> Self {
        let mut last = own;
        let mut changes = Vec::new();
        for (number, place) in nodes.enumerate() {
            if place != last {
                changes.push((number as u32, place.clone()));
                last = place;
            }
        }
        Self {
            changes: changes.into(),
        }
    }
}

impl Rule {
    /// Where a node of its condition is written, by its number in pre-order.
    pub fn place(&self, node: usize) -> Place {
        self.places.get(node).cloned().unwrap_or_else(|| Place {
            file: self.origin.file.clone(),
            line: self.origin.line,
        })
    }
}

impl Pred {
    /// The conditions it is made of, in order.
    pub fn children(&self) -> &[Pred] {
        match self {
            Self::Not(inner) => std::slice::from_ref(inner),
            Self::And(parts) | Self::Or(parts) => parts,
            Self::Exists(exists) => std::slice::from_ref(&exists.pred),
            Self::Const(_)
            | Self::Is(_)
            | Self::Compare(..)
            | Self::InList(..)
            | Self::InSet(..)
            | Self::IsNull(_)
            | Self::Text(..)
            | Self::InWindow(..)
            | Self::Scope(..)
            | Self::LinkVisible(_) => &[],
        }
    }

    /// How many conditions it is made of, itself included.
    pub fn nodes(&self) -> usize {
        1 + self.children().iter().map(Self::nodes).sum::<usize>()
    }
}
