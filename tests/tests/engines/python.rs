//! Python, as the machine has it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The interpreter (3.11 or newer), or why there is none.
pub fn interpreter() -> Result<PathBuf, String> {
    let newer = Command::new("python3")
        .args(["-c", "import sys; sys.exit(sys.version_info < (3, 11))"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match newer {
        Ok(status) if status.success() => Ok("python3".into()),
        Ok(_) => Err("python3 is older than 3.11".to_owned()),
        Err(e) => Err(format!("python3 does not start: {e}")),
    }
}
