//! Around every question: an edit or the client may call it off, and a panic is an answer, too.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use salsa::{CancellationToken, Cancelled, Database as _};
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

use crate::convert::Snapshot;

/// How a question is called off.
pub type CancelSlot = Arc<Mutex<Option<CancellationToken>>>;

/// Runs a question: an edit or the client may call it off, and a panic is an answer, too.
pub fn guarded<T>(
    snapshot: Snapshot,
    slot: &CancelSlot,
    question: impl FnOnce(&Snapshot) -> Result<T>,
) -> Result<T> {
    let token = snapshot.db.cancellation_token();
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    let answer = caught(&snapshot, || question(&snapshot));
    // The database must be free before anybody hears of the answer, or an edit would wait for nothing.
    drop(snapshot);
    answer.and_then(|answer| answer)
}

/// Does some work on a state; what stops it is an error.
pub(super) fn caught<T>(snapshot: &Snapshot, work: impl FnOnce() -> T) -> Result<T> {
    let work = AssertUnwindSafe(work);
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| Cancelled::catch(work)));
    match outcome {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(cancelled)) => Err(called_off(&cancelled)),
        Err(_) => {
            // A thread that helped may have been called off, which reaches us as its panic.
            let db = AssertUnwindSafe(&snapshot.db);
            match Cancelled::catch(|| db.unwind_if_revision_cancelled()) {
                Err(cancelled) => Err(called_off(&cancelled)),
                Ok(()) => Err(Error::internal_error()),
            }
        }
    }
}

fn called_off(cancelled: &Cancelled) -> Error {
    match cancelled {
        Cancelled::Local => Error::request_cancelled(),
        // Also where somebody else computed what we waited for, and was called off: asked again, it is computed here.
        // Should that panic, the panic is the answer then.
        _ => Error {
            code: ErrorCode::ContentModified,
            message: "the content was modified".into(),
            data: None,
        },
    }
}
