//! The server's own commands (docs/editor/protocol.md), and what is sent because of them.

use std::sync::PoisonError;

use serde_json::Value as Json;
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::notification::Notification;
use tower_lsp::ls_types::{ExecuteCommandParams, MessageType};

use super::Backend;
use crate::convert::{Snapshot, answers, commands};
use crate::main_loop::Event;

/// What views show has changed.
pub(super) enum Changed {}

impl Notification for Changed {
    type Params = Json;
    const METHOD: &'static str = "ambit/changed";
}

impl Backend {
    /// Answers a command.
    pub(super) async fn command(&self, params: ExecuteCommandParams) -> Result<Json> {
        let command = commands::read(params)?;
        let acts = command.changes_session();
        let tells = command.runs_tests();
        let path = command.path()?;
        let answer = self.ask_project(path, move |s| command.answer(s)).await?;
        if acts {
            self.refresh_shown();
        }
        if let (Some(answer), true) = (&answer, tells) {
            self.tell_of_tests(answer);
        }
        answer.ok_or_else(|| answers::refused("there is no such project".to_owned()))
    }

    /// A client without views would drop what a lens asked for: a person is told.
    fn tell_of_tests(&self, answer: &Json) {
        let session = self.session.lock();
        let views = session.unwrap_or_else(PoisonError::into_inner).views;
        if views {
            return;
        }
        let (text, passed) = commands::summary(answer);
        let kind = if passed {
            MessageType::INFO
        } else {
            MessageType::WARNING
        };
        let client = self.client.clone();
        tokio::spawn(async move { client.show_message(kind, text).await });
    }

    /// Asks for hints and lenses to be asked for again.
    fn refresh_shown(&self) {
        let session = self.session.lock();
        let session = session.unwrap_or_else(PoisonError::into_inner);
        let (hints, lenses) = (session.refreshes_hints, session.refreshes_lenses);
        let client = self.client.clone();
        // A client that never answers must not hold up the command.
        tokio::spawn(async move {
            if hints {
                let _ = client.inlay_hint_refresh().await;
            }
        });
        let client = self.client.clone();
        tokio::spawn(async move {
            if lenses {
                let _ = client.code_lens_refresh().await;
            }
        });
    }

    /// Asks a state of a project; nothing where there is none.
    async fn ask_project<T: Send + 'static>(
        &self,
        path: Option<std::path::PathBuf>,
        question: impl FnOnce(&Snapshot) -> Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let event = |question| Event::AskProject(path, question);
        self.asked(event, question).await
    }
}
