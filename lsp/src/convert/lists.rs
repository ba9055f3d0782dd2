//! Lists of things: completion, outlines, search, hierarchies.

use ambit_compiler::{Sort, SourceFile};
use tower_lsp::ls_types::{
    CompletionItem, CompletionItemKind, CompletionList, CompletionResponse, CompletionTextEdit,
    DocumentSymbol, Documentation, FullDocumentDiagnosticReport, Location, MarkupContent,
    MarkupKind, OneOf, Position, PreviousResultId, SymbolKind, TextEdit, TypeHierarchyItem,
    UnchangedDocumentDiagnosticReport, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceSymbol,
    WorkspaceUnchangedDocumentDiagnosticReport,
};

use super::{Snapshot, mark, problems, uri_of};
use crate::ide::{completion, hierarchy, hover, markdown as markdown_of, symbols};

/// Markdown.
pub fn markdown(value: String) -> MarkupContent {
    MarkupContent {
        kind: MarkupKind::Markdown,
        value,
    }
}

/// Documentation of a completion, as the client shows it.
fn documentation(snapshot: &Snapshot, value: String) -> Documentation {
    if snapshot.shared.plain {
        Documentation::String(markdown_of::plain(&value))
    } else {
        Documentation::MarkupContent(markdown(value))
    }
}

/// What could stand at a byte.
pub fn completions(snapshot: &Snapshot, file: SourceFile, offset: u32) -> CompletionResponse {
    let found = completion::completions(&snapshot.db, snapshot.project, file, offset);
    let range = snapshot.range(file, found.replaced);
    let items = found.entries.into_iter().map(|entry| {
        let edit = TextEdit {
            range,
            new_text: entry.text,
        };
        let data = match entry.kind {
            completion::Kind::Declared(sort) => Some(sort.to_string().into()),
            _ => None,
        };
        CompletionItem {
            sort_text: Some(format!("{}{}", rank(entry.kind), entry.label)),
            label: entry.label,
            kind: Some(kind(entry.kind)),
            detail: Some(entry.detail).filter(|d| !d.is_empty()),
            documentation: Some(entry.docs)
                .filter(|d| !d.is_empty())
                .map(|d| documentation(snapshot, d)),
            text_edit: Some(CompletionTextEdit::Edit(edit)),
            data,
            ..CompletionItem::default()
        }
    });
    CompletionResponse::List(CompletionList {
        is_incomplete: false,
        items: items.collect(),
    })
}

/// The documentation of an entry, looked up when it is chosen.
pub fn resolved(snapshot: &Snapshot, mut item: CompletionItem) -> CompletionItem {
    let keyword = item.data.as_ref().and_then(|d| d.as_str());
    let sort = keyword.and_then(Sort::of_keyword);
    if let Some(sort) = sort {
        let docs = hover::of_name(&snapshot.db, snapshot.project, &item.label, sort);
        item.documentation = docs.map(|d| documentation(snapshot, d));
    }
    item
}

/// What belongs to the place comes before what could stand anywhere.
fn rank(kind: completion::Kind) -> char {
    match kind {
        completion::Kind::Member | completion::Kind::Param | completion::Kind::Level => 'a',
        completion::Kind::Column | completion::Kind::Action | completion::Kind::Type => 'b',
        completion::Kind::Declared(_) => 'c',
        completion::Kind::Keyword => 'd',
    }
}

fn kind(kind: completion::Kind) -> CompletionItemKind {
    match kind {
        completion::Kind::Keyword => CompletionItemKind::KEYWORD,
        completion::Kind::Column => CompletionItemKind::FIELD,
        completion::Kind::Action => CompletionItemKind::METHOD,
        completion::Kind::Member | completion::Kind::Level => CompletionItemKind::ENUM_MEMBER,
        completion::Kind::Param => CompletionItemKind::VARIABLE,
        completion::Kind::Type => CompletionItemKind::TYPE_PARAMETER,
        completion::Kind::Declared(sort) => match sort {
            Sort::Source => CompletionItemKind::MODULE,
            Sort::Enum => CompletionItemKind::ENUM,
            Sort::Table => CompletionItemKind::STRUCT,
            Sort::Hierarchy | Sort::Kind => CompletionItemKind::CLASS,
            Sort::Object => CompletionItemKind::VALUE,
            Sort::Attribute => CompletionItemKind::PROPERTY,
            Sort::Filter => CompletionItemKind::FUNCTION,
            Sort::Role | Sort::Group => CompletionItemKind::INTERFACE,
            Sort::User => CompletionItemKind::CONSTANT,
        },
    }
}

/// An entry of an outline.
pub fn document_symbol(
    snapshot: &Snapshot,
    file: SourceFile,
    entry: symbols::Entry,
) -> DocumentSymbol {
    let children = entry.children.into_iter();
    let children: Vec<_> = children
        .map(|c| document_symbol(snapshot, file, c))
        .collect();
    // Deprecated in favour of tags, and still a field that must be given.
    #[allow(deprecated)]
    DocumentSymbol {
        name: entry.name,
        detail: Some(entry.detail).filter(|d| !d.is_empty()),
        kind: symbol_kind(entry.kind),
        tags: None,
        deprecated: None,
        range: snapshot.range(file, entry.span),
        selection_range: snapshot.range(file, entry.name_span),
        children: (!children.is_empty()).then_some(children),
    }
}

/// What a search finds in a project.
pub fn search(snapshot: &Snapshot, query: &str) -> Vec<WorkspaceSymbol> {
    symbols::workspace(&snapshot.db, snapshot.project, query)
        .into_iter()
        .filter_map(|(entry, place, container)| {
            let location: Location = snapshot.location(place)?;
            Some(WorkspaceSymbol {
                name: entry.name,
                kind: symbol_kind(entry.kind),
                tags: None,
                container_name: Some(container).filter(|c| !c.is_empty()),
                location: OneOf::Left(location),
                data: None,
            })
        })
        .collect()
}

fn symbol_kind(kind: symbols::Kind) -> SymbolKind {
    match kind {
        symbols::Kind::Source => SymbolKind::MODULE,
        symbols::Kind::Enum => SymbolKind::ENUM,
        symbols::Kind::Member => SymbolKind::ENUM_MEMBER,
        symbols::Kind::Table => SymbolKind::STRUCT,
        symbols::Kind::Column => SymbolKind::FIELD,
        symbols::Kind::Key => SymbolKind::KEY,
        symbols::Kind::Hierarchy | symbols::Kind::Kind => SymbolKind::CLASS,
        symbols::Kind::Action => SymbolKind::METHOD,
        symbols::Kind::Object => SymbolKind::OBJECT,
        symbols::Kind::Attribute => SymbolKind::PROPERTY,
        symbols::Kind::Filter => SymbolKind::FUNCTION,
        symbols::Kind::Role | symbols::Kind::Group => SymbolKind::INTERFACE,
        symbols::Kind::User => SymbolKind::CONSTANT,
        symbols::Kind::Block => SymbolKind::NAMESPACE,
        symbols::Kind::Rule => SymbolKind::OPERATOR,
        symbols::Kind::Test => SymbolKind::EVENT,
        symbols::Kind::Claim => SymbolKind::BOOLEAN,
    }
}

/// A node of the role graph.
pub fn node(snapshot: &Snapshot, node: &hierarchy::Node) -> Option<TypeHierarchyItem> {
    Some(TypeHierarchyItem {
        name: node.name.to_string(),
        kind: match node.sort {
            Sort::User => SymbolKind::CONSTANT,
            _ => SymbolKind::INTERFACE,
        },
        tags: None,
        detail: Some(node.sort.to_string()),
        uri: snapshot.uri(node.file)?,
        range: snapshot.range(node.file, node.span),
        selection_range: snapshot.range(node.file, node.name_span),
        data: None,
    })
}

/// The principal at a position.
pub fn prepare_hierarchy(
    snapshot: &Snapshot,
    file: SourceFile,
    at: Position,
) -> Option<Vec<TypeHierarchyItem>> {
    let offset = snapshot.offset(file, at);
    let found = hierarchy::prepare(&snapshot.db, snapshot.project, file, offset)?;
    Some(vec![node(snapshot, &found)?])
}

/// What a principal inherits.
pub fn supertypes(snapshot: &Snapshot, item: &TypeHierarchyItem) -> Vec<TypeHierarchyItem> {
    let all = hierarchy::supertypes(&snapshot.db, snapshot.project, &item.name);
    all.iter().filter_map(|n| node(snapshot, n)).collect()
}

/// Who inherits a principal.
pub fn subtypes(snapshot: &Snapshot, item: &TypeHierarchyItem) -> Vec<TypeHierarchyItem> {
    let all = hierarchy::subtypes(&snapshot.db, snapshot.project, &item.name);
    all.iter().filter_map(|n| node(snapshot, n)).collect()
}

/// The diagnostics of every file of a project.
pub fn workspace_diagnostics(
    snapshot: &Snapshot,
    previous: &[PreviousResultId],
) -> Vec<WorkspaceDocumentDiagnosticReport> {
    let mut files = problems::by_file(snapshot, &problems::known(snapshot));
    let paths = snapshot.paths.values().chain(&snapshot.settings.0);
    paths
        .filter_map(|path| {
            let uri = uri_of(path)?;
            let marks = files.remove(path).unwrap_or_default();
            let result_id = mark::number(&marks);
            let known = previous
                .iter()
                .any(|p| p.uri == uri && p.value == result_id);
            Some(if known {
                WorkspaceDocumentDiagnosticReport::Unchanged(
                    WorkspaceUnchangedDocumentDiagnosticReport {
                        uri,
                        version: None,
                        unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport {
                            result_id,
                        },
                    },
                )
            } else {
                WorkspaceDocumentDiagnosticReport::Full(WorkspaceFullDocumentDiagnosticReport {
                    uri,
                    version: None,
                    full_document_diagnostic_report: FullDocumentDiagnosticReport {
                        result_id: Some(result_id),
                        items: mark::diagnostics(&marks),
                    },
                })
            })
        })
        .collect()
}
