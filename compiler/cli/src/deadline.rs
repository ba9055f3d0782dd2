//! An end for work that nobody can interrupt: the process ends.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Ends the process unless it is dropped in time.
#[derive(Debug)]
pub struct Watchdog {
    done: Arc<(Mutex<bool>, Condvar)>,
}

impl Watchdog {
    /// After so long `last` says what there is to say and gives the exit code. Who drops the watchdog while that is
    /// said waits for the end of the process.
    pub fn start(after: Duration, last: impl FnOnce() -> u8 + Send + 'static) -> Self {
        let done = Arc::new((Mutex::new(false), Condvar::new()));
        let shared = Arc::clone(&done);
        // Without a thread the limits within the work itself must do.
        let _ = std::thread::Builder::new()
            .name("watchdog".into())
            .spawn(move || {
                let (lock, changed) = &*shared;
                let guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
                let (guard, _) = changed
                    .wait_timeout_while(guard, after, |done| !*done)
                    .unwrap_or_else(PoisonError::into_inner);
                if !*guard {
                    std::process::exit(i32::from(last()));
                }
            });
        Self { done }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let (lock, changed) = &*self.done;
        *lock.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
    }
}
