//! The role graph as a hierarchy of calls.

use ambit_compiler::SourceFile;
use tower_lsp::ls_types::{
    CallHierarchyIncomingCall, CallHierarchyItem, CallHierarchyOutgoingCall, Position, Range,
};

use super::{Snapshot, lists};
use crate::ide::{calls, hierarchy};

fn item(s: &Snapshot, node: &hierarchy::Node) -> Option<CallHierarchyItem> {
    let node = lists::node(s, node)?;
    Some(CallHierarchyItem {
        name: node.name,
        kind: node.kind,
        tags: None,
        detail: node.detail,
        uri: node.uri,
        range: node.range,
        selection_range: node.selection_range,
        data: None,
    })
}

/// The principal at a position.
pub fn prepare(s: &Snapshot, file: SourceFile, at: Position) -> Option<Vec<CallHierarchyItem>> {
    let found = hierarchy::prepare(&s.db, s.project, file, s.offset(file, at))?;
    Some(vec![item(s, &found)?])
}

/// Who inherits or is given it.
pub fn incoming(s: &Snapshot, of: &CallHierarchyItem) -> Vec<CallHierarchyIncomingCall> {
    let all = calls::incoming(&s.db, s.project, &of.name).into_iter();
    all.filter_map(|edge| {
        Some(CallHierarchyIncomingCall {
            from: item(s, &edge.node)?,
            from_ranges: ranges(s, edge.node.file, &edge.written),
        })
    })
    .collect()
}

/// What it inherits.
pub fn outgoing(s: &Snapshot, of: &CallHierarchyItem) -> Vec<CallHierarchyOutgoingCall> {
    // Where it is written is told in the file of whoever inherits, which is the one asked about.
    let Some(own) = hierarchy::node(&s.db, s.project, &of.name) else {
        return Vec::new();
    };
    let all = calls::outgoing(&s.db, s.project, &of.name).into_iter();
    all.filter_map(|edge| {
        Some(CallHierarchyOutgoingCall {
            to: item(s, &edge.node)?,
            from_ranges: ranges(s, own.file, &edge.written),
        })
    })
    .collect()
}

fn ranges(s: &Snapshot, file: SourceFile, spans: &[ambit_grammar::Span]) -> Vec<Range> {
    spans.iter().map(|span| s.range(file, *span)).collect()
}
