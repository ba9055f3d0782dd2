//! What the protocol calls. Every handler sends an event as the first thing it does, so that events stand in the order of
//! the messages, and then waits for the answer; handlers run interleaved and own nothing.

mod actions;
mod ask;
mod capabilities;
mod command;
mod parent;
mod sieve;

use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::oneshot;
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::request::{
    GotoDeclarationParams, GotoDeclarationResponse, GotoImplementationParams,
    GotoImplementationResponse, GotoTypeDefinitionParams, GotoTypeDefinitionResponse,
};
// The protocol's types alone would fill a page.
#[allow(clippy::wildcard_imports)]
use tower_lsp::ls_types::*;
use tower_lsp::{Client, LanguageServer, LspService, Server};

use crate::convert::mark;
use crate::convert::{
    Shared, answers, calls, lenses, lists, path_of, settings, tokens, typing, uri_of,
};
use crate::ide::{definition, implementation, type_definition};
use crate::main_loop::{Event, MainLoop, Out};

/// So many handlers may wait for their answers: an edit behind them must not.
const CONCURRENCY: usize = 1024;

/// Serves one client; says whether it said goodbye.
pub async fn serve<I, O>(input: I, output: O) -> bool
where
    I: AsyncRead + Unpin,
    O: AsyncWrite,
{
    let (events, inbox) = channel();
    let (out, outbox) = unbounded_channel();
    let main_loop = MainLoop::new(events.clone(), out.clone());
    let thread = std::thread::Builder::new().name("main loop".to_owned());
    let Ok(thread) = thread.spawn(move || main_loop.run(&inbox)) else {
        return false;
    };
    let goodbye = Arc::new(Mutex::new(false));
    let (started_by, process) = oneshot::channel();
    let orphaned = async {
        // Without an answer there is no session whose client could go.
        match process.await {
            Ok(process) => parent::gone(process).await,
            Err(_) => std::future::pending().await,
        }
    };
    let (service, socket) = LspService::new(|client| Backend {
        client,
        events: events.clone(),
        outbox: Mutex::new(Some(outbox)),
        session: Mutex::default(),
        goodbye: Arc::clone(&goodbye),
        started_by: Mutex::new(Some(started_by)),
    });
    let (pipe, sieved) = tokio::io::duplex(1 << 16);
    let server = Server::new(sieved, output, socket)
        .concurrency_level(CONCURRENCY)
        .serve(service);
    let wrong = move |what| {
        // Before the session begins nobody could be told.
        let _ = out.send(Out::Complain(what));
    };
    let input = async {
        // A pipe that breaks is a client that went: the server hears of it as the end of its input.
        let _ = sieve::sieve(input, pipe, wrong).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = server => {}
        () = input => {}
        () = orphaned => {}
    }
    let _ = events.send(Event::End);
    // It ends with its next event; a long proof is not waited for.
    drop(thread);
    *goodbye.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The handlers.
struct Backend {
    client: Client,
    events: Sender<Event>,
    /// Taken when the session begins.
    outbox: Mutex<Option<UnboundedReceiver<Out>>>,
    session: Mutex<capabilities::Session>,
    goodbye: Arc<Mutex<bool>>,
    /// Told which process started the server.
    started_by: Mutex<Option<oneshot::Sender<Option<u32>>>>,
}

/// Sends to the client, in order.
async fn send_all(client: Client, mut outbox: UnboundedReceiver<Out>) {
    while let Some(out) = outbox.recv().await {
        match out {
            Out::Publish(path, diagnostics, version) => {
                if let Some(uri) = uri_of(&path) {
                    let list = mark::diagnostics(&diagnostics);
                    client.publish_diagnostics(uri, list, version).await;
                }
            }
            Out::Complain(what) => client.log_message(MessageType::ERROR, what).await,
            Out::Refresh => {
                let client = client.clone();
                // A client that never answers must not hold up the rest.
                tokio::spawn(async move { client.workspace_diagnostic_refresh().await });
            }
            Out::Changed(path) => {
                if let Some(uri) = uri_of(&path) {
                    let params = json!({ "uri": uri });
                    client.send_notification::<command::Changed>(params).await;
                }
            }
        }
    }
}

fn non_empty<T>(all: Vec<T>) -> Option<Vec<T>> {
    Some(all).filter(|a| !a.is_empty())
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let session = capabilities::Session::new(&params);
        let started_by = self.started_by.lock();
        let started_by = started_by.unwrap_or_else(PoisonError::into_inner).take();
        if let Some(started_by) = started_by {
            let _ = started_by.send(params.process_id);
        }
        let shared: Arc<Shared> = Arc::new(session.shared());
        self.send(Event::Begin(shared, capabilities::folders(&params)));
        let result = session.result();
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = session;
        Ok(result)
    }

    async fn initialized(&self, _: InitializedParams) {
        let outbox = self
            .outbox
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(outbox) = outbox {
            tokio::spawn(send_all(self.client.clone(), outbox));
        }
        let wanted = self
            .session
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .registrations();
        if !wanted.is_empty() {
            let client = self.client.clone();
            tokio::spawn(async move { client.register_capability(wanted).await });
        }
    }

    async fn shutdown(&self) -> Result<()> {
        *self.goodbye.lock().unwrap_or_else(PoisonError::into_inner) = true;
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let path = path_of(&document.uri);
        self.send(Event::Open(path, document.text, document.version));
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let path = path_of(&params.text_document.uri);
        let version = params.text_document.version;
        self.send(Event::Change(path, params.content_changes, version));
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.send(Event::Close(path_of(&params.text_document.uri)));
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        let paths = params.changes.iter().map(|c| path_of(&c.uri)).collect();
        self.send(Event::Disk(paths));
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let paths = |folders: &[WorkspaceFolder]| -> Vec<PathBuf> {
            folders.iter().map(|f| path_of(&f.uri)).collect()
        };
        let event = params.event;
        self.send(Event::Folders(paths(&event.added), paths(&event.removed)));
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let at = params.text_document_position_params;
        self.at_or_settings(at, answers::hover, settings::hover)
            .await
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let at = params.text_document_position;
        self.at_or_settings(
            at,
            |s, file, at| Some(lists::completions(s, file, s.offset(file, at))),
            |s, at| Some(settings::completions(s, at)),
        )
        .await
    }

    async fn completion_resolve(&self, item: CompletionItem) -> Result<CompletionItem> {
        let asked = item.clone();
        let all = self
            .ask_all(move |s| vec![lists::resolved(s, asked.clone())])
            .await?;
        Ok(all
            .into_iter()
            .find(|i| i.documentation.is_some())
            .unwrap_or(item))
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        let at = params.text_document_position_params;
        self.at(at, |s, file, at| Ok(answers::signature(s, file, at)))
            .await
    }

    async fn goto_definition(
        &self,
        params: GotoDefinitionParams,
    ) -> Result<Option<GotoDefinitionResponse>> {
        let at = params.text_document_position_params;
        self.leads(at, definition::definition).await
    }

    async fn goto_type_definition(
        &self,
        params: GotoTypeDefinitionParams,
    ) -> Result<Option<GotoTypeDefinitionResponse>> {
        let at = params.text_document_position_params;
        self.leads(at, type_definition::type_definition).await
    }

    async fn goto_implementation(
        &self,
        params: GotoImplementationParams,
    ) -> Result<Option<GotoImplementationResponse>> {
        let at = params.text_document_position_params;
        self.leads(at, implementation::implementation).await
    }

    async fn goto_declaration(
        &self,
        params: GotoDeclarationParams,
    ) -> Result<Option<GotoDeclarationResponse>> {
        self.goto_definition(params).await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        let with = params.context.include_declaration;
        let at = params.text_document_position;
        self.at(at, move |s, file, at| {
            Ok(non_empty(answers::references(s, file, at, with)))
        })
        .await
    }

    async fn document_highlight(
        &self,
        params: DocumentHighlightParams,
    ) -> Result<Option<Vec<DocumentHighlight>>> {
        let at = params.text_document_position_params;
        self.at(at, |s, file, at| {
            Ok(non_empty(answers::highlights(s, file, at)))
        })
        .await
    }

    async fn prepare_rename(
        &self,
        at: TextDocumentPositionParams,
    ) -> Result<Option<PrepareRenameResponse>> {
        self.at(at, |s, file, at| {
            answers::prepare_rename(s, file, at).map(Some)
        })
        .await
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        let new = params.new_name;
        let at = params.text_document_position;
        let found = self
            .at(at, move |s, file, at| {
                answers::rename(s, file, at, &new).map(Some)
            })
            .await?;
        let Some((proof, edit)) = found else {
            return Ok(None);
        };
        if let Some(proof) = proof {
            let said = actions::proved(|_| Some(proof.holds())).await;
            said.ok_or_else(tower_lsp::jsonrpc::Error::internal_error)?
                .map_err(answers::refused)?;
        }
        Ok(Some(edit))
    }

    async fn document_symbol(
        &self,
        params: DocumentSymbolParams,
    ) -> Result<Option<DocumentSymbolResponse>> {
        self.of_file(&params.text_document.uri, |s, file| {
            let entries = crate::ide::symbols::document(&s.db, file).into_iter();
            let all = entries.map(|e| lists::document_symbol(s, file, e));
            Ok(Some(DocumentSymbolResponse::Nested(all.collect())))
        })
        .await
    }

    async fn symbol(
        &self,
        params: WorkspaceSymbolParams,
    ) -> Result<Option<WorkspaceSymbolResponse>> {
        let query = params.query;
        let all = self.ask_all(move |s| lists::search(s, &query)).await?;
        Ok(Some(WorkspaceSymbolResponse::Nested(all)))
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let uri = params.text_document.uri;
        self.of_file(&uri, |s, file| Ok(Some(answers::format(s, file, None))))
            .await
    }

    async fn range_formatting(
        &self,
        params: DocumentRangeFormattingParams,
    ) -> Result<Option<Vec<TextEdit>>> {
        let range = Some(params.range);
        let uri = params.text_document.uri;
        self.of_file(&uri, move |s, file| {
            Ok(Some(answers::format(s, file, range)))
        })
        .await
    }

    async fn on_type_formatting(
        &self,
        params: DocumentOnTypeFormattingParams,
    ) -> Result<Option<Vec<TextEdit>>> {
        let typed = params.ch;
        self.at(params.text_document_position, move |s, file, at| {
            Ok(Some(typing::on_type(s, file, at, &typed)))
        })
        .await
    }

    async fn linked_editing_range(
        &self,
        params: LinkedEditingRangeParams,
    ) -> Result<Option<LinkedEditingRanges>> {
        let at = params.text_document_position_params;
        self.at(at, |s, file, at| Ok(typing::linked(s, file, at)))
            .await
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        let uri = params.text_document.uri;
        self.of_file(&uri, |s, file| Ok(Some(answers::folds(s, file))))
            .await
    }

    async fn selection_range(
        &self,
        params: SelectionRangeParams,
    ) -> Result<Option<Vec<SelectionRange>>> {
        let positions = params.positions;
        self.of_file(&params.text_document.uri, move |s, file| {
            let all = positions
                .into_iter()
                .map(|at| answers::selection(s, file, at));
            Ok(Some(all.collect()))
        })
        .await
    }

    async fn semantic_tokens_full(
        &self,
        params: SemanticTokensParams,
    ) -> Result<Option<SemanticTokensResult>> {
        let uri = params.text_document.uri;
        let all = self
            .of_file(&uri, |s, file| Ok(Some(tokens::full(s, file))))
            .await?;
        Ok(all.map(SemanticTokensResult::Tokens))
    }

    async fn semantic_tokens_full_delta(
        &self,
        params: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensFullDeltaResult>> {
        let since = params.previous_result_id;
        let uri = params.text_document.uri;
        self.of_file(&uri, move |s, file| {
            Ok(Some(tokens::delta(s, file, &since)))
        })
        .await
    }

    async fn semantic_tokens_range(
        &self,
        params: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokensRangeResult>> {
        let range = params.range;
        self.of_file(&params.text_document.uri, move |s, file| {
            let data = tokens::data(s, file, Some(s.span(file, range)));
            let result_id = None;
            Ok(Some(SemanticTokensRangeResult::Tokens(SemanticTokens {
                result_id,
                data,
            })))
        })
        .await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        self.actions(params).await
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        let uri = params.text_document.uri;
        self.of_file(&uri, |s, file| Ok(Some(lenses::lenses(s, file))))
            .await
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        let range = params.range;
        let uri = params.text_document.uri;
        self.of_file(&uri, move |s, file| {
            Ok(Some(answers::hints(s, file, range)))
        })
        .await
    }

    async fn document_link(&self, params: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        let uri = params.text_document.uri;
        self.ask(&uri, |s| {
            Ok(match s.file {
                Some(file) => answers::links(s, file),
                None => settings::links(s),
            })
        })
        .await
    }

    async fn prepare_call_hierarchy(
        &self,
        params: CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>> {
        let at = params.text_document_position_params;
        self.at(at, |s, file, at| Ok(calls::prepare(s, file, at)))
            .await
    }

    async fn incoming_calls(
        &self,
        params: CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        let item = params.item;
        self.ask(&item.uri.clone(), move |s| Ok(calls::incoming(s, &item)))
            .await
    }

    async fn outgoing_calls(
        &self,
        params: CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        let item = params.item;
        self.ask(&item.uri.clone(), move |s| Ok(calls::outgoing(s, &item)))
            .await
    }

    async fn prepare_type_hierarchy(
        &self,
        params: TypeHierarchyPrepareParams,
    ) -> Result<Option<Vec<TypeHierarchyItem>>> {
        let at = params.text_document_position_params;
        self.at(at, |s, file, at| Ok(lists::prepare_hierarchy(s, file, at)))
            .await
    }

    async fn supertypes(
        &self,
        params: TypeHierarchySupertypesParams,
    ) -> Result<Option<Vec<TypeHierarchyItem>>> {
        let item = params.item;
        self.ask(&item.uri.clone(), move |s| Ok(lists::supertypes(s, &item)))
            .await
    }

    async fn subtypes(
        &self,
        params: TypeHierarchySubtypesParams,
    ) -> Result<Option<Vec<TypeHierarchyItem>>> {
        let item = params.item;
        self.ask(&item.uri.clone(), move |s| Ok(lists::subtypes(s, &item)))
            .await
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
        self.command(params).await.map(Some)
    }

    async fn diagnostic(
        &self,
        params: DocumentDiagnosticParams,
    ) -> Result<DocumentDiagnosticReportResult> {
        let previous = params.previous_result_id;
        let uri = params.text_document.uri;
        let path = path_of(&uri);
        let report = self.ask(&uri, move |s| {
            Ok(answers::diagnostics(s, &path, previous.as_deref()))
        });
        Ok(report.await?.unwrap_or_else(capabilities::no_diagnostics))
    }

    async fn workspace_diagnostic(
        &self,
        params: WorkspaceDiagnosticParams,
    ) -> Result<WorkspaceDiagnosticReportResult> {
        let previous = params.previous_result_ids;
        let items = self
            .ask_all(move |s| lists::workspace_diagnostics(s, &previous))
            .await?;
        Ok(WorkspaceDiagnosticReportResult::Report(
            WorkspaceDiagnosticReport { items },
        ))
    }
}
