//! Files that are files: nobody waits for a pipe, and no device is read without end.

use std::fs::{File, FileType, Metadata};
use std::io::{self, Read as _};
use std::path::Path;

/// Opens a regular file for reading; a link to one, too.
pub fn open(path: &Path) -> io::Result<File> {
    check(&std::fs::metadata(path)?)?;
    let mut options = File::options();
    options.read(true);
    // What lies there can become something else after it was looked at: opening must not wait.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, NEVER_WAIT);
    let file = options.open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

/// The flag of `open` that makes it return at once.
#[cfg(unix)]
pub const NEVER_WAIT: i32 = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();

/// The bytes of a regular file, of at most `most` of them.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    // The file may grow while it is read.
    let large = file.metadata()?.len() > most
        || file.take(most.saturating_add(1)).read_to_end(&mut bytes)? as u64 > most;
    if large {
        return Err(io::Error::other(format!(
            "it is larger than {} MB",
            most >> 20
        )));
    }
    Ok(bytes)
}

fn check(meta: &Metadata) -> io::Result<()> {
    if meta.is_file() {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "it is {}, not a regular file",
        kind(meta.file_type())
    )))
}

/// What something else than a file is.
#[cfg(unix)]
fn kind(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

/// What something else than a file is.
#[cfg(not(unix))]
fn kind(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a folder"
    } else {
        "a device"
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_files_are_read_and_only_so_far() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        std::fs::write(&file, "abc").unwrap();
        assert_eq!(read(&file, 3).unwrap(), b"abc");
        let large = read(&file, 2).unwrap_err().to_string();
        assert_eq!(large, "it is larger than 0 MB");
        let folder = open(dir.path()).unwrap_err().to_string();
        assert_eq!(folder, "it is a folder, not a regular file");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nobody_waits_for_a_pipe_or_a_device() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("p");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).unwrap();
        let error = open(&pipe).unwrap_err().to_string();
        assert_eq!(error, "it is a pipe, not a regular file");
        let error = read(Path::new("/dev/zero"), 10).unwrap_err().to_string();
        assert_eq!(error, "it is a device, not a regular file");
    }
}
