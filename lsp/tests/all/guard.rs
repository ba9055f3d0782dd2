//! Questions that are called off, and questions that fail.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use ambit_lsp::convert::{Shared, Snapshot};
use ambit_lsp::main_loop::{CancelSlot, guarded};
use salsa::Database as _;
use tower_lsp::jsonrpc::ErrorCode;

use crate::support::{Fixture, fixture};

fn snapshot(f: &Fixture) -> Snapshot {
    Snapshot {
        id: 0,
        db: f.db.clone(),
        project: f.project,
        file: Some(f.file),
        paths: Arc::default(),
        settings: (None, Arc::from("")),
        unreadable: Arc::default(),
        findings: None,
        shared: Arc::new(Shared::default()),
    }
}

/// Asks a question that never ends by itself, does something meanwhile, and gives the error that ends it.
fn interrupted(meanwhile: impl FnOnce(&mut Fixture, &CancelSlot)) -> ErrorCode {
    let mut f = fixture("role a$0");
    let slot = CancelSlot::default();
    let (began, begin) = channel();
    let question = {
        let snapshot = snapshot(&f);
        let slot = Arc::clone(&slot);
        std::thread::spawn(move || {
            guarded(snapshot, &slot, |s| -> tower_lsp::jsonrpc::Result<()> {
                began.send(()).unwrap();
                loop {
                    s.db.unwind_if_revision_cancelled();
                    std::thread::sleep(Duration::from_millis(1));
                }
            })
        })
    };
    begin.recv().unwrap();
    meanwhile(&mut f, &slot);
    question.join().unwrap().unwrap_err().code
}

#[test]
fn an_edit_calls_off_who_reads() {
    let code = interrupted(|f, _| f.db.set_text(f.file, Arc::from("role b")));
    assert_eq!(code, ErrorCode::ContentModified);
}

#[test]
fn the_client_calls_off_its_question() {
    let code = interrupted(|_, slot| slot.lock().unwrap().take().unwrap().cancel());
    assert_eq!(code, ErrorCode::RequestCancelled);
}

#[test]
fn a_panic_is_an_answer_and_the_next_question_is_fine() {
    let f = fixture("role a$0");
    let slot = CancelSlot::default();
    let failed = guarded(snapshot(&f), &slot, |_| -> tower_lsp::jsonrpc::Result<()> {
        panic!("on purpose");
    });
    assert_eq!(failed.unwrap_err().code, ErrorCode::InternalError);
    assert_eq!(guarded(snapshot(&f), &slot, |_| Ok(7)), Ok(7));
}
