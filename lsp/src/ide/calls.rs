//! The role graph as a hierarchy of calls: who inherits or is given a principal, what it inherits, and where that is written.
//!
//! The hierarchy of types (`hierarchy`) shows the same graph; this one leads to the words that make each edge.

use ambit_compiler::{Database, Project, item_syntax};
use ambit_grammar::Span;
use smol_str::SmolStr;

use super::hierarchy::{Node, node};
use super::roles;

/// An edge of the graph, seen from one end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The other end.
    pub node: Node,
    /// Where it is written, in the file of whoever inherits.
    pub written: Vec<Span>,
}

/// Who inherits or is given a principal.
pub fn incoming(db: &Database, project: Project, name: &str) -> Vec<Edge> {
    roles::children(db, project, name)
        .iter()
        .filter_map(|child| {
            Some(Edge {
                node: node(db, project, child)?,
                written: written(db, project, child, name),
            })
        })
        .collect()
}

/// What a principal inherits or has.
pub fn outgoing(db: &Database, project: Project, name: &str) -> Vec<Edge> {
    let mut parents = roles::parents(db, project, name);
    // A role of which somebody has two instances is one role.
    let mut seen = std::collections::BTreeSet::<SmolStr>::new();
    parents.retain(|parent| seen.insert(parent.clone()));
    parents
        .iter()
        .filter_map(|parent| {
            Some(Edge {
                node: node(db, project, parent)?,
                written: written(db, project, name, parent),
            })
        })
        .collect()
}

/// Where `child` names `parent`.
fn written(db: &Database, project: Project, child: &str, parent: &str) -> Vec<Span> {
    let Some((_, item)) = roles::principal(db, project, child) else {
        return Vec::new();
    };
    roles::whos(&item_syntax(db, item).item.kind)
        .iter()
        .filter(|who| who.name.text == parent)
        .map(|who| who.span.shift(item.start(db)))
        .collect()
}
