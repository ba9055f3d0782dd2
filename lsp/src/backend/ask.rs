//! Questions on their way: into the main loop, to a state of the project, and back.

use std::sync::{Arc, PoisonError};

use ambit_compiler::SourceFile;
use tokio::sync::oneshot;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{GotoDefinitionResponse, Position, TextDocumentPositionParams, Uri};

use super::{Backend, capabilities};
use crate::convert::{Snapshot, answers, path_of};
use crate::main_loop::{CancelSlot, Event, Question, guarded};

/// Calls a question off when its handler goes: the client said so, or went.
struct CancelOnDrop(CancelSlot);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = slot.take() {
            token.cancel();
        }
    }
}

impl Backend {
    /// Tells the main loop.
    pub(super) fn send(&self, event: Event) {
        // Without a main loop the session is over.
        let _ = self.events.send(event);
    }

    /// Asks a state of the project of a file; nothing where the file is not known.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        uri: &Uri,
        question: impl FnOnce(&Snapshot) -> Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let path = path_of(uri);
        self.asked(|question| Event::Ask(path, question), question)
            .await
    }

    /// Sends a question by an event, and waits for its answer; nothing where there is no state to ask.
    pub(super) async fn asked<T: Send + 'static>(
        &self,
        event: impl FnOnce(Question) -> Event,
        question: impl FnOnce(&Snapshot) -> Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let (reply, answer) = oneshot::channel();
        let slot = CancelSlot::default();
        let guard = CancelOnDrop(Arc::clone(&slot));
        let question = move |snapshot: Option<Snapshot>| {
            let said = match snapshot {
                Some(snapshot) => guarded(snapshot, &slot, question).map(Some),
                None => Ok(None),
            };
            // Whoever asked may be gone.
            let _ = reply.send(said);
        };
        self.send(event(Box::new(question)));
        let said = answer.await.map_err(|_| Error::internal_error())?;
        drop(guard);
        said
    }

    /// Asks about a source file; nothing about `ambit.toml`.
    pub(super) async fn of_file<T: Send + 'static>(
        &self,
        uri: &Uri,
        question: impl FnOnce(&Snapshot, SourceFile) -> Result<Option<T>> + Send + 'static,
    ) -> Result<Option<T>> {
        let asked = self.ask(uri, move |s| {
            s.file.map_or(Ok(None), |file| question(s, file))
        });
        Ok(asked.await?.flatten())
    }

    /// Asks about a position in a source file.
    pub(super) async fn at<T: Send + 'static>(
        &self,
        at: TextDocumentPositionParams,
        question: impl FnOnce(&Snapshot, SourceFile, Position) -> Result<Option<T>> + Send + 'static,
    ) -> Result<Option<T>> {
        let position = at.position;
        let uri = at.text_document.uri;
        self.of_file(&uri, move |s, file| question(s, file, position))
            .await
    }

    /// Asks about a position in a source file, or in `ambit.toml`.
    pub(super) async fn at_or_settings<T: Send + 'static>(
        &self,
        at: TextDocumentPositionParams,
        in_file: impl FnOnce(&Snapshot, SourceFile, Position) -> Option<T> + Send + 'static,
        in_settings: impl FnOnce(&Snapshot, Position) -> Option<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let position = at.position;
        let asked = self.ask(&at.text_document.uri, move |s| {
            Ok(match s.file {
                Some(file) => in_file(s, file, position),
                None => in_settings(s, position),
            })
        });
        Ok(asked.await?.flatten())
    }

    /// Where the name at a position leads, as the client takes it.
    pub(super) async fn leads(
        &self,
        at: TextDocumentPositionParams,
        leads: answers::Leads,
    ) -> Result<Option<GotoDefinitionResponse>> {
        let links = self
            .at(at, move |s, file, at| {
                Ok(answers::leads(s, file, at, leads))
            })
            .await?;
        let plain = !self
            .session
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .links;
        Ok(links.map(|links| capabilities::definition(links, plain)))
    }

    /// Asks all projects.
    pub(super) async fn ask_all<T: Send + 'static>(
        &self,
        question: impl Fn(&Snapshot) -> Vec<T> + Send + 'static,
    ) -> Result<Vec<T>> {
        let (reply, answer) = oneshot::channel();
        let question = move |snapshots: Vec<Snapshot>| {
            let mut all = Vec::new();
            for snapshot in snapshots {
                match guarded(snapshot, &CancelSlot::default(), |s| Ok(question(s))) {
                    Ok(found) => all.extend(found),
                    Err(error) => {
                        let _ = reply.send(Err(error));
                        return;
                    }
                }
            }
            let _ = reply.send(Ok(all));
        };
        self.send(Event::AskAll(Box::new(question)));
        answer.await.map_err(|_| Error::internal_error())?
    }
}
