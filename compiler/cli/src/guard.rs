//! A panic is a fault of Ambit: it ends the command with its own exit code and says where it happened.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// The last panic of this thread, noted by the hook.
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a command; a panic inside becomes a message.
pub fn run<T>(command: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::set_hook(Box::new(|info| {
        let text = info.payload_as_str().unwrap_or("no message");
        let place = info
            .location()
            .map(|l| format!(" ({}:{})", l.file(), l.line()))
            .unwrap_or_default();
        LAST.with_borrow_mut(|last| *last = Some(format!("{text}{place}")));
    }));
    catch_unwind(AssertUnwindSafe(command)).map_err(|_| {
        let what = LAST.with_borrow_mut(Option::take).unwrap_or_else(|| "unknown cause".to_owned());
        format!("internal fault: {what}; this is an error in Ambit, please report it with the input that shows it")
    })
}

#[cfg(test)]
#[allow(clippy::panic)]
mod tests {
    #[test]
    fn a_panic_becomes_a_message_with_its_place() {
        let message = super::run(|| -> u8 { panic!("three") })
            .err()
            .unwrap_or_default();
        assert!(message.starts_with("internal fault: three ("), "{message}");
        assert!(message.contains("guard.rs:"), "{message}");
        assert_eq!(super::run(|| 7), Ok(7));
    }
}
