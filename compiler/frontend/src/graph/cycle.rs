//! Circles in a graph of names.

use std::collections::BTreeMap;
use std::collections::HashMap;

/// Edges by name: from each name to those it leads to.
pub(crate) type Edges<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// One circle for each strongly connected part that has one: the names in order, beginning with the first by name.
/// Without recursion, so that a circle of any length does no harm.
pub(crate) fn cycles<'a>(edges: &Edges<'a>) -> Vec<Vec<&'a str>> {
    let mut found = Vec::new();
    for part in strong_parts(edges) {
        let alone = part.len() == 1;
        let own = |n: &str| edges.get(n).is_some_and(|t| t.contains(&n));
        if alone && !part.first().is_some_and(|n| own(n)) {
            continue;
        }
        if let Some(cycle) = shortest_cycle(edges, &part) {
            found.push(cycle);
        }
    }
    found.sort();
    found
}

/// The shortest circle through the first name of a strongly connected part.
fn shortest_cycle<'a>(edges: &Edges<'a>, part: &[&'a str]) -> Option<Vec<&'a str>> {
    let inside: std::collections::HashSet<&str> = part.iter().copied().collect();
    let start = *part.iter().min()?;
    let mut from: HashMap<&str, &str> = HashMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for next in edges.get(at).into_iter().flatten() {
            if *next == start {
                let mut path = vec![at];
                let mut back = at;
                while back != start {
                    back = from.get(back)?;
                    path.push(back);
                }
                path.reverse();
                return Some(path);
            }
            if inside.contains(next) && !from.contains_key(next) {
                from.insert(next, at);
                queue.push_back(next);
            }
        }
    }
    None
}

/// Tarjan's strongly connected parts, with a stack of its own.
fn strong_parts<'a>(edges: &Edges<'a>) -> Vec<Vec<&'a str>> {
    #[derive(Clone, Copy)]
    struct Node {
        index: usize,
        low: usize,
        on_stack: bool,
    }
    let mut nodes: HashMap<&str, Node> = HashMap::new();
    let mut stack: Vec<&'a str> = Vec::new();
    let mut parts = Vec::new();
    for root in edges.keys() {
        if nodes.contains_key(root) {
            continue;
        }
        let mut work: Vec<(&'a str, usize)> = vec![(root, 0)];
        while let Some((at, child)) = work.pop() {
            if child == 0 {
                let index = nodes.len();
                nodes.insert(
                    at,
                    Node {
                        index,
                        low: index,
                        on_stack: true,
                    },
                );
                stack.push(at);
            }
            let next = edges.get(at).and_then(|t| t.get(child)).copied();
            if let Some(next) = next {
                work.push((at, child + 1));
                match nodes.get(next) {
                    None => work.push((next, 0)),
                    Some(node) if node.on_stack => {
                        let low = node.index;
                        if let Some(me) = nodes.get_mut(at) {
                            me.low = me.low.min(low);
                        }
                    }
                    Some(_) => {}
                }
                continue;
            }
            let Some(me) = nodes.get(at).copied() else {
                continue;
            };
            if let Some((parent, _)) = work.last()
                && let Some(parent) = nodes.get_mut(parent)
            {
                parent.low = parent.low.min(me.low);
            }
            if me.low == me.index {
                let mut part = Vec::new();
                while let Some(name) = stack.pop() {
                    if let Some(node) = nodes.get_mut(name) {
                        node.on_stack = false;
                    }
                    part.push(name);
                    if name == at {
                        break;
                    }
                }
                parts.push(part);
            }
        }
    }
    parts
}

/// `a → b → c → a`, shortened in the middle.
pub(crate) fn picture(cycle: &[&str]) -> String {
    const SHOWN: usize = 6;
    let mut names: Vec<String> = cycle.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    if cycle.len() > SHOWN {
        names.push(format!("… {} more …", cycle.len() - SHOWN));
    }
    if let Some(first) = cycle.first() {
        names.push(format!("`{first}`"));
    }
    names.join(" → ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges<'a>(list: &[(&'a str, &'a str)]) -> Edges<'a> {
        let mut edges: Edges<'a> = Edges::new();
        for (from, to) in list {
            edges.entry(from).or_default().push(to);
            edges.entry(to).or_default();
        }
        edges
    }

    #[test]
    fn finds_each_circle_once() {
        let e = edges(&[("b", "c"), ("c", "b"), ("a", "b"), ("x", "x"), ("y", "z")]);
        assert_eq!(cycles(&e), vec![vec!["b", "c"], vec!["x"]]);
    }

    #[test]
    fn a_tree_with_shared_leaves_has_none() {
        let e = edges(&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]);
        assert!(cycles(&e).is_empty());
    }

    #[test]
    fn a_long_circle_is_no_problem() {
        let names: Vec<String> = (0..100_000).map(|i| format!("r{i:06}")).collect();
        let list: Vec<(&str, &str)> = (0..names.len())
            .map(|i| (names[i].as_str(), names[(i + 1) % names.len()].as_str()))
            .collect();
        let found = cycles(&edges(&list));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].len(), 100_000);
    }
}
