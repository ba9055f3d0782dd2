//! The process that started the server: when it is gone, nobody will say goodbye.
//!
//! Mostly the input ends with it. Where another process still holds the other end of the pipe, it does not.

use std::path::PathBuf;
use std::time::Duration;

/// How often is looked.
const EVERY: Duration = Duration::from_secs(2);

/// Waits until a process that is there is gone; for ever where it cannot be seen (on another system than Linux, or from
/// inside a container).
pub(super) async fn gone(process: Option<u32>) {
    let seen = process.map(|id| PathBuf::from(format!("/proc/{id}")));
    match seen.filter(|path| path.exists()) {
        Some(path) => {
            while path.exists() {
                tokio::time::sleep(EVERY).await;
            }
        }
        None => std::future::pending().await,
    }
}
