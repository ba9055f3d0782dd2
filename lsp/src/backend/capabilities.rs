//! What client and server can do, said once at the start.

use std::path::PathBuf;

use serde_json::json;
// The protocol's types alone would fill half of this file.
#[allow(clippy::wildcard_imports)]
use tower_lsp::ls_types::*;

use crate::convert::{Shared, encoding, path_of};
use crate::ide::tokens::{LEGEND, MARKS};
use crate::lines::Encoding;

/// What the client can do.
// Each is a capability of its own, and they come in any combination.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Default)]
pub(super) struct Session {
    encoding: (Encoding, Option<PositionEncodingKind>),
    /// It asks for diagnostics.
    pulls: bool,
    refreshes: bool,
    /// It takes definitions with where they were asked from.
    pub links: bool,
    /// It asks for hints again when told so.
    pub refreshes_hints: bool,
    /// It asks for lenses again when told so.
    pub refreshes_lenses: bool,
    /// It has views.
    pub views: bool,
    watches: bool,
    hierarchies: bool,
    /// It can ask whether there is something to rename.
    prepares: bool,
    /// It has no place for where the page of a problem is.
    undescribed: bool,
    /// It shows documentation of completions as plain text.
    plain: bool,
    pages: Option<String>,
}

impl Session {
    pub fn new(params: &InitializeParams) -> Self {
        let client = &params.capabilities;
        let document = client.text_document.as_ref();
        let workspace = client.workspace.as_ref();
        let general = client.general.as_ref();
        let offered = general.and_then(|g| g.position_encodings.as_deref());
        let (counts, kind) = encoding(offered);
        let dynamic = |d: Option<bool>| d == Some(true);
        let definition = document.and_then(|d| d.definition.as_ref());
        let watched = workspace.and_then(|w| w.did_change_watched_files.as_ref());
        let hierarchy = document.and_then(|d| d.type_hierarchy.as_ref());
        let diagnostics = workspace.and_then(|w| w.diagnostics.as_ref());
        let options = params.initialization_options.as_ref();
        let pages = options
            .and_then(|o| o.get("pages"))
            .and_then(|p| p.as_str());
        let views = options.and_then(|o| o.get("views")?.as_bool());
        let hints = workspace.and_then(|w| w.inlay_hint.as_ref());
        let lenses = workspace.and_then(|w| w.code_lens.as_ref());
        // Who says nothing of these at all is taken to know them.
        let rename = document.and_then(|d| d.rename.as_ref());
        let publish = document.and_then(|d| d.publish_diagnostics.as_ref());
        let item = document.and_then(|d| d.completion.as_ref()?.completion_item.as_ref());
        let markdown = |formats: &Option<Vec<MarkupKind>>| {
            formats
                .as_ref()
                .is_some_and(|f| f.contains(&MarkupKind::Markdown))
        };
        Self {
            encoding: (counts, Some(kind)),
            pulls: document.is_some_and(|d| d.diagnostic.is_some()),
            refreshes: diagnostics.is_some_and(|d| dynamic(d.refresh_support)),
            links: definition.is_some_and(|d| dynamic(d.link_support)),
            refreshes_hints: hints.is_some_and(|h| dynamic(h.refresh_support)),
            refreshes_lenses: lenses.is_some_and(|l| dynamic(l.refresh_support)),
            views: views == Some(true),
            watches: watched.is_some_and(|w| dynamic(w.dynamic_registration)),
            hierarchies: hierarchy.is_some_and(|h| dynamic(h.dynamic_registration)),
            prepares: rename.is_none_or(|r| dynamic(r.prepare_support)),
            undescribed: publish.is_some_and(|p| !dynamic(p.code_description_support)),
            plain: item.is_some_and(|i| !markdown(&i.documentation_format)),
            pages: pages.map(str::to_owned),
        }
    }

    /// What the rest of the server needs of it.
    pub fn shared(&self) -> Shared {
        Shared {
            encoding: self.encoding.0,
            pulls: self.pulls,
            refreshes: self.refreshes,
            views: self.views,
            pages: self.pages.clone(),
            undescribed: self.undescribed,
            plain: self.plain,
            ..Shared::default()
        }
    }

    /// What can only be said afterwards: watched files, and what the types of the library have no field for.
    pub fn registrations(&self) -> Vec<Registration> {
        let mut all = Vec::new();
        if self.watches {
            let mut patterns = vec!["**/*.ambit", "**/ambit.toml"];
            if self.views {
                patterns.extend(["**/*.csv", "**/*.{db,sqlite,sqlite3}"]);
            }
            let watchers = patterns.iter().map(|p| json!({ "globPattern": p }));
            let watchers: Vec<_> = watchers.collect();
            all.push(Registration {
                id: "files".to_owned(),
                method: "workspace/didChangeWatchedFiles".to_owned(),
                register_options: Some(json!({ "watchers": watchers })),
            });
        }
        if self.hierarchies {
            all.push(Registration {
                id: "hierarchy".to_owned(),
                method: "textDocument/prepareTypeHierarchy".to_owned(),
                register_options: Some(json!({ "documentSelector": [{ "language": "ambit" }] })),
            });
        }
        all
    }

    /// The answer to `initialize`.
    pub fn result(&self) -> InitializeResult {
        let legend = SemanticTokensLegend {
            token_types: LEGEND
                .iter()
                .map(|name| SemanticTokenType::new(name))
                .collect(),
            token_modifiers: MARKS
                .iter()
                .map(|name| SemanticTokenModifier::new(name))
                .collect(),
        };
        let tokens = SemanticTokensOptions {
            legend,
            range: Some(true),
            full: Some(SemanticTokensFullOptions::Delta { delta: Some(true) }),
            ..SemanticTokensOptions::default()
        };
        let diagnostics = DiagnosticOptions {
            identifier: Some("ambit".to_owned()),
            inter_file_dependencies: true,
            workspace_diagnostics: true,
            ..DiagnosticOptions::default()
        };
        let capabilities = ServerCapabilities {
            position_encoding: self.encoding.1.clone(),
            text_document_sync: Some(TextDocumentSyncCapability::Options(
                TextDocumentSyncOptions {
                    open_close: Some(true),
                    change: Some(TextDocumentSyncKind::INCREMENTAL),
                    ..TextDocumentSyncOptions::default()
                },
            )),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            completion_provider: Some(CompletionOptions {
                resolve_provider: Some(true),
                trigger_characters: Some([".", "\"", "[", "("].map(str::to_owned).to_vec()),
                ..CompletionOptions::default()
            }),
            signature_help_provider: Some(SignatureHelpOptions {
                trigger_characters: Some(["(", ","].map(str::to_owned).to_vec()),
                ..SignatureHelpOptions::default()
            }),
            definition_provider: Some(OneOf::Left(true)),
            declaration_provider: Some(DeclarationCapability::Simple(true)),
            type_definition_provider: Some(TypeDefinitionProviderCapability::Simple(true)),
            implementation_provider: Some(ImplementationProviderCapability::Simple(true)),
            references_provider: Some(OneOf::Left(true)),
            document_highlight_provider: Some(OneOf::Left(true)),
            document_symbol_provider: Some(OneOf::Left(true)),
            workspace_symbol_provider: Some(OneOf::Left(true)),
            document_formatting_provider: Some(OneOf::Left(true)),
            document_range_formatting_provider: Some(OneOf::Left(true)),
            document_on_type_formatting_provider: Some(DocumentOnTypeFormattingOptions {
                first_trigger_character: "}".to_owned(),
                more_trigger_character: Some(vec!["\n".to_owned()]),
            }),
            linked_editing_range_provider: Some(LinkedEditingRangeServerCapabilities::Simple(true)),
            call_hierarchy_provider: Some(CallHierarchyServerCapability::Simple(true)),
            folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
            selection_range_provider: Some(SelectionRangeProviderCapability::Simple(true)),
            rename_provider: Some(if self.prepares {
                OneOf::Right(RenameOptions {
                    prepare_provider: Some(true),
                    work_done_progress_options: WorkDoneProgressOptions::default(),
                })
            } else {
                OneOf::Left(true)
            }),
            semantic_tokens_provider: Some(
                SemanticTokensServerCapabilities::SemanticTokensOptions(tokens),
            ),
            code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
                code_action_kinds: Some(vec![
                    CodeActionKind::QUICKFIX,
                    CodeActionKind::REFACTOR_EXTRACT,
                    CodeActionKind::REFACTOR_INLINE,
                    CodeActionKind::REFACTOR_REWRITE,
                ]),
                ..CodeActionOptions::default()
            })),
            code_lens_provider: Some(CodeLensOptions {
                resolve_provider: Some(false),
            }),
            inlay_hint_provider: Some(OneOf::Left(true)),
            document_link_provider: Some(DocumentLinkOptions {
                resolve_provider: Some(false),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }),
            execute_command_provider: Some(ExecuteCommandOptions {
                commands: crate::convert::commands::names(),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }),
            diagnostic_provider: self
                .pulls
                .then_some(DiagnosticServerCapabilities::Options(diagnostics)),
            workspace: Some(WorkspaceServerCapabilities {
                workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                    supported: Some(true),
                    change_notifications: Some(OneOf::Left(true)),
                }),
                ..WorkspaceServerCapabilities::default()
            }),
            ..ServerCapabilities::default()
        };
        InitializeResult {
            capabilities,
            server_info: Some(ServerInfo {
                name: "ambit-lsp".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            ..InitializeResult::default()
        }
    }
}

/// The folders that the client opens.
pub(super) fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    if let Some(folders) = &params.workspace_folders {
        return folders.iter().map(|f| path_of(&f.uri)).collect();
    }
    // Older clients name one folder.
    #[allow(deprecated)]
    params.root_uri.iter().map(path_of).collect()
}

/// Definitions for a client that takes them only without where they were asked from.
pub(super) fn definition(links: Vec<LocationLink>, plain: bool) -> GotoDefinitionResponse {
    if !plain {
        return GotoDefinitionResponse::Link(links);
    }
    let links = links.into_iter().map(|link| Location {
        uri: link.target_uri,
        range: link.target_selection_range,
    });
    GotoDefinitionResponse::Array(links.collect())
}

/// There is nothing to say of a file that is not known.
pub(super) fn no_diagnostics() -> DocumentDiagnosticReportResult {
    DocumentDiagnosticReportResult::Report(DocumentDiagnosticReport::Full(
        RelatedFullDocumentDiagnosticReport::default(),
    ))
}
