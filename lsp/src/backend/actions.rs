//! Code actions: quick fixes at once, refactorings when they are proved.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::oneshot;
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{CodeActionParams, CodeActionResponse, CodeActionTriggerKind};

use super::Backend;
use crate::convert::{problems, refactor};

/// Conditions nest as deep as the language allows, and so do the walks over them.
const STACK: usize = 64 << 20;

/// Tells a proof that nobody waits for it any more.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Backend {
    /// All actions for a range.
    pub(super) async fn actions(
        &self,
        params: CodeActionParams,
    ) -> Result<Option<CodeActionResponse>> {
        let context = params.context;
        let only = context.only;
        // An action of the kind `a.b` is wanted by who wants `a`.
        let wanted = move |kind: &str| {
            only.as_ref().is_none_or(|only| {
                only.iter().any(|k| {
                    let rest = kind.strip_prefix(k.as_str());
                    rest.is_some_and(|r| {
                        r.is_empty() || r.starts_with('.') || k.as_str().is_empty()
                    })
                })
            })
        };
        let asked = context.trigger_kind != Some(CodeActionTriggerKind::AUTOMATIC);
        let range = params.range;
        let quick = wanted("quickfix");
        let found = self.ask(&params.text_document.uri, move |s| {
            let fixes = if quick {
                problems::actions(s, range)
            } else {
                Vec::new()
            };
            let pending = s
                .file
                .and_then(|file| refactor::pending(s, file, range, asked, &wanted));
            Ok((fixes, pending))
        });
        let Some((mut all, pending)) = found.await? else {
            return Ok(None);
        };
        if let Some(pending) = pending {
            all.extend(proved(|stop| pending.proved(stop)).await);
        }
        Ok(Some(all))
    }
}

/// Proves on a thread of its own, which holds nothing that an edit waits for. A fault in it proves nothing.
pub(super) async fn proved<T: Default + Send + 'static>(
    proof: impl FnOnce(&AtomicBool) -> T + Send + 'static,
) -> T {
    let (reply, answer) = oneshot::channel();
    let stop = Arc::new(AtomicBool::new(false));
    let guard = StopOnDrop(Arc::clone(&stop));
    let work = move || {
        // Whoever asked may be gone.
        let _ = reply.send(proof(&stop));
    };
    let thread = std::thread::Builder::new().name("proof".to_owned());
    if thread.stack_size(STACK).spawn(work).is_err() {
        return T::default();
    }
    let proved = answer.await.unwrap_or_default();
    drop(guard);
    proved
}
