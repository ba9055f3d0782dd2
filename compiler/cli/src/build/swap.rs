//! Replaces a folder as a whole, so that a reader finds the old one or the new one and never a part of either.
//!
//! Beside the folder `out` stands, while a build writes, the workshop `.out.ambit-build`: `lock` (who holds the lock on
//! it is the one who writes), `new` (the folder in the making), `old` (see below). The new folder is written whole and
//! brought to disk, then it and the old one exchange their names in one step of the file system. A build that is
//! killed leaves its workshop behind; the next one finds it unlocked and clears it.
//!
//! A file system that cannot exchange names gets two renames: `out` to `old`, `new` to `out`. Between the two there is
//! no `out`; a build that is killed right there leaves one to the next build, which moves `old` back first.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::folder::{Contents, contents};
use crate::exit::Failure;

/// How folders change places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// In one step, where the file system can; else by two renames.
    Exchange,
    /// By two renames.
    TwoRenames,
}

/// A workshop that this process holds the lock of. Dropped, it is gone, with what was left in it.
#[derive(Debug)]
pub struct Workshop {
    out: PathBuf,
    folder: PathBuf,
    lock: File,
}

/// The workshop beside a folder.
fn workshop(out: &Path) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!(".{name}.ambit-build"))
}

impl Workshop {
    /// Opens the workshop of `out`, waiting for another build that holds it (`waiting` is told once), and clears what a
    /// killed build left. The folder above `out` is made where it is missing.
    pub fn open(out: &Path, waiting: &mut dyn FnMut()) -> Result<Self, Failure> {
        let folder = workshop(out);
        let fail = |e: &io::Error| Failure::file("write", &folder, e);
        if let Some(parent) = out.parent() {
            fs::create_dir_all(parent).map_err(|e| Failure::file("create", parent, &e))?;
        }
        let mut told = false;
        loop {
            match fs::create_dir(&folder) {
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(fail(&e)),
                _ => {}
            }
            if !is_ours(&folder).map_err(|e| fail(&e))? {
                return Err(Failure::outside(format!(
                    "`{}` is in the way: builds write there, and no build made it",
                    folder.display()
                ))
                .help("move it away"));
            }
            let path = folder.join(LOCK);
            let in_the_way = || {
                Failure::outside(format!(
                    "`{}` is in the way: builds lock that file, and it is no regular one",
                    path.display()
                ))
                .help("remove it")
            };
            // Neither a link is followed nor a pipe waited for.
            if path.symlink_metadata().is_ok_and(|m| !m.is_file()) {
                return Err(in_the_way());
            }
            let mut options = File::options();
            options.create(true).truncate(false).write(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::custom_flags(
                &mut options,
                ambit_query::files::NEVER_WAIT | NO_LINK,
            );
            let lock = match options.open(&path) {
                Ok(lock) => lock,
                // Whoever held it has just cleared the workshop away.
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                Err(_) if path.symlink_metadata().is_ok_and(|m| !m.is_file()) => {
                    return Err(in_the_way());
                }
                Err(e) => return Err(fail(&e)),
            };
            if lock.metadata().is_ok_and(|m| !m.is_file()) {
                return Err(in_the_way());
            }
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    if !told {
                        waiting();
                        told = true;
                    }
                    lock.lock().map_err(|e| fail(&e))?;
                }
                Err(TryLockError::Error(e)) => return Err(fail(&e)),
            }
            // The lock counts only while it lies in its place: its last holder may have taken it away.
            if is_at(&lock, &path) {
                let workshop = Self {
                    out: out.to_path_buf(),
                    folder,
                    lock,
                };
                workshop
                    .recover()
                    .map_err(|e| Failure::file("write", &workshop.folder, &e))?;
                return Ok(workshop);
            }
        }
    }

    /// Takes up after a build that was killed.
    fn recover(&self) -> io::Result<()> {
        let old = self.folder.join(OLD);
        if old.is_dir() && self.out.symlink_metadata().is_err() {
            fs::rename(&old, &self.out)?;
        }
        remove(&old)?;
        remove(&self.folder.join(NEW))
    }

    /// Puts these files (path below the folder, bytes) in the place of the folder and of all that lies in it, which is
    /// `seen`. What else lies there by then is not lost: the old folder comes back, and the build fails.
    pub fn replace(
        self,
        files: &[(&str, &[u8])],
        seen: &Contents,
        how: How,
    ) -> Result<(), Failure> {
        self.replace_at(files, seen, how, &mut || {})
    }

    /// The same; `between` is what somebody else does at the last moment before the swap.
    fn replace_at(
        self,
        files: &[(&str, &[u8])],
        seen: &Contents,
        how: How,
        between: &mut dyn FnMut(),
    ) -> Result<(), Failure> {
        let new = self.folder.join(NEW);
        write(&new, files)?;
        let fail = |e: &io::Error| Failure::file("replace", &self.out, e);
        between();
        let old = if self.out.symlink_metadata().is_err() {
            fs::rename(&new, &self.out).map_err(|e| fail(&e))?;
            None
        } else {
            Some(self.swap(&new, how).map_err(|e| fail(&e))?)
        };
        if let Some(old) = old {
            self.part_with(&old, seen, files, how)?;
        }
        sync(&self.folder).map_err(|e| fail(&e))?;
        self.out.parent().map_or(Ok(()), sync).map_err(|e| fail(&e))
    }

    /// Puts a folder in the place of the old one; gives where the old one is now.
    fn swap(&self, new: &Path, how: How) -> io::Result<PathBuf> {
        if how == How::Exchange && exchange(new, &self.out)? {
            return Ok(new.to_path_buf());
        }
        let old = self.folder.join(if new.ends_with(OLD) { NEW } else { OLD });
        fs::rename(&self.out, &old)?;
        fs::rename(new, &self.out).inspect_err(|_| {
            // Better the old one than none.
            let _ = fs::rename(&old, &self.out);
        })?;
        Ok(old)
    }

    /// Removes the old folder, file by file, if it holds what was seen in it; else it comes back.
    fn part_with(
        &self,
        old: &Path,
        seen: &Contents,
        files: &[(&str, &[u8])],
        how: How,
    ) -> Result<(), Failure> {
        // Between the look and the swap somebody may have put or changed something in it.
        let strange = match contents(old) {
            Ok(found) => difference(seen, &found),
            Err(failure) => Some(failure.message),
        };
        if let Some(strange) = strange {
            let ours = self
                .swap(old, how)
                .map_err(|e| Failure::file("replace", &self.out, &e))?;
            let names = files.iter().map(|(name, _)| *name);
            self.remove_known(&ours, names)?;
            return Err(Failure::outside(format!(
                "`{}` changed while it was being replaced: {strange}; it stays as it is",
                self.out.display()
            ))
            .help("let nothing else write there, and build again"));
        }
        self.remove_known(old, seen.keys().map(String::as_str))
    }

    /// Removes these files and the empty folders that are left. Where something else is there, it was put there at this
    /// very moment: it is kept beside the folder.
    fn remove_known<'a>(
        &self,
        folder: &Path,
        files: impl Iterator<Item = &'a str>,
    ) -> Result<(), Failure> {
        for name in files {
            let _ = fs::remove_file(folder.join(name));
        }
        if remove_empty(folder).is_ok() {
            return Ok(());
        }
        let name = self.out.file_name().unwrap_or_default().to_string_lossy();
        let kept = (1..).map(|n| self.out.with_file_name(format!("{name}.kept-{n}")));
        let mut kept = kept.filter(|path| path.symlink_metadata().is_err());
        let kept = kept.next().unwrap_or_default();
        fs::rename(folder, &kept).map_err(|e| Failure::file("keep", folder, &e))?;
        Err(Failure::outside(format!(
            "`{}` changed while it was being replaced; what was put there is kept in `{}`",
            self.out.display(),
            kept.display()
        ))
        .help("let nothing else write there"))
    }
}

/// What differs between what was seen and what is there.
fn difference(seen: &Contents, found: &Contents) -> Option<String> {
    // What was taken away is no loss.
    found.iter().find_map(|(name, what)| match seen.get(name) {
        None => Some(format!("`{name}` was put there")),
        Some(before) if before != what => Some(format!("`{name}` was changed")),
        Some(_) => None,
    })
}

/// Removes folders that hold nothing but such folders.
fn remove_empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_empty(&entry.path())?;
        }
    }
    fs::remove_dir(folder)
}

impl Drop for Workshop {
    fn drop(&mut self) {
        // What cannot be removed now, the next build removes. The lock goes last, and the folder stays if another build
        // has already put its own lock into it.
        let _ = remove(&self.folder.join(OLD));
        let _ = remove(&self.folder.join(NEW));
        let _ = fs::remove_file(self.folder.join(LOCK));
        let _ = fs::remove_dir(&self.folder);
        let _ = self.lock.unlock();
    }
}

/// The flag of `open` that makes it fail at a link.
#[cfg(unix)]
const NO_LINK: i32 = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();

const LOCK: &str = "lock";
const NEW: &str = "new";
const OLD: &str = "old";

/// Is this a workshop: a folder, no link, with a lock in it or nothing at all?
fn is_ours(folder: &Path) -> io::Result<bool> {
    let meta = match folder.symlink_metadata() {
        // Cleared away meanwhile; opening the lock will tell.
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(true),
        meta => meta?,
    };
    if !meta.is_dir() {
        return Ok(false);
    }
    // The lock comes first and goes last, so it is missing only from an empty workshop; who lists the folder while
    // another build clears it looks again.
    for again in 0..3 {
        if again > 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
        let names = match fs::read_dir(folder) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(true),
            entries => entries?
                .map(|e| e.map(|e| e.file_name()))
                .collect::<io::Result<Vec<_>>>()?,
        };
        if names
            .iter()
            .any(|name| ![LOCK, NEW, OLD].iter().any(|known| name == *known))
        {
            return Ok(false);
        }
        if names.is_empty() || names.iter().any(|name| name == LOCK) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes a folder with all that lies in it; a link is removed and not followed.
fn remove(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    }
}

/// Writes files into a new folder and brings them to disk.
fn write(folder: &Path, files: &[(&str, &[u8])]) -> Result<(), Failure> {
    let mut folders = vec![folder.to_path_buf()];
    fs::create_dir(folder).map_err(|e| Failure::file("create", folder, &e))?;
    for (name, bytes) in files {
        let path = folder.join(name);
        let fail = |e: &io::Error| Failure::file("write", &path, e);
        let mut missing: Vec<&Path> = path
            .ancestors()
            .skip(1)
            .take_while(|f| !folders.iter().any(|known| known == f))
            .collect();
        while let Some(parent) = missing.pop() {
            fs::create_dir(parent).map_err(|e| fail(&e))?;
            folders.push(parent.to_path_buf());
        }
        let mut file = File::create_new(&path).map_err(|e| fail(&e))?;
        file.write_all(bytes).map_err(|e| fail(&e))?;
        file.sync_all().map_err(|e| fail(&e))?;
    }
    for folder in folders.iter().rev() {
        sync(folder).map_err(|e| Failure::file("write", folder, &e))?;
    }
    Ok(())
}

/// Brings the names in a folder to disk.
#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some file systems cannot do that for folders.
        Err(e) if e.kind() == io::ErrorKind::InvalidInput => Ok(()),
        result => result,
    }
}

#[cfg(not(unix))]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Does this open file lie at that path?
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(a), Ok(b)) = (file.metadata(), path.symlink_metadata()) else {
        return false;
    };
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.is_file()
}

/// Two folders exchange their names in one step; `false` where the system or the file system cannot.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(a: &Path, b: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn open(out: &Path) -> Workshop {
        Workshop::open(out, &mut || {}).unwrap()
    }

    /// Replaces what lies there now.
    fn replace(out: &Path, files: &[(&str, &[u8])], how: How) {
        let shop = open(out);
        let seen = contents(out).unwrap();
        shop.replace(files, &seen, how).unwrap();
    }

    #[test]
    fn what_is_put_there_at_the_last_moment_is_not_lost() {
        for how in [How::Exchange, How::TwoRenames] {
            for (name, said) in [
                ("mine", "was put there"),
                ("sub/mine", "was put there"),
                ("m", "was changed"),
            ] {
                let dir = tempfile::tempdir().unwrap();
                let out = dir.path().join("out");
                replace(&out, &[("m", b"old"), ("sub/x", b"old")], how);
                let shop = open(&out);
                let seen = contents(&out).unwrap();
                let mut put = || fs::write(out.join(name), "mine").unwrap();
                let failure = shop
                    .replace_at(&[("m", b"new"), ("y/z", b"")], &seen, how, &mut put)
                    .unwrap_err();
                assert_eq!(failure.exit, crate::exit::Exit::Outside);
                assert!(failure.message.contains(said), "{}", failure.message);
                assert_eq!(fs::read(out.join(name)).unwrap(), b"mine");
                assert_eq!(fs::read(out.join("sub/x")).unwrap(), b"old");
                assert_eq!(names(dir.path()), ["out"]);
            }
        }
    }

    #[test]
    fn what_is_put_into_a_folder_that_is_being_removed_is_kept_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let shop = open(&out);
        let old = dir.path().join("old");
        fs::create_dir_all(old.join("a/b")).unwrap();
        fs::write(old.join("a/b/mine"), "mine").unwrap();
        fs::write(old.join("known"), "").unwrap();
        let failure = shop.remove_known(&old, ["known"].into_iter()).unwrap_err();
        assert!(
            failure.message.contains("out.kept-1"),
            "{}",
            failure.message
        );
        let kept = dir.path().join("out.kept-1/a/b/mine");
        assert_eq!(fs::read(kept).unwrap(), b"mine");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_lock_that_is_no_file_is_in_the_way() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let lock = workshop(&out).join(LOCK);
        fs::create_dir(workshop(&out)).unwrap();
        let refused = || {
            let failure = Workshop::open(&out, &mut || {}).unwrap_err();
            assert!(
                failure.message.contains("is in the way"),
                "{}",
                failure.message
            );
        };
        for target in ["gone", "/dev/null"] {
            std::os::unix::fs::symlink(target, &lock).unwrap();
            refused();
            fs::remove_file(&lock).unwrap();
        }
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, &lock, mode).unwrap();
        refused();
        fs::remove_file(&lock).unwrap();
        fs::create_dir(&lock).unwrap();
        refused();
    }

    #[test]
    fn a_folder_is_replaced_as_a_whole() {
        for how in [How::Exchange, How::TwoRenames] {
            let dir = tempfile::tempdir().unwrap();
            let out = dir.path().join("a/out");
            replace(&out, &[("x/y/1", b"1"), ("x/2", b"2"), ("m", b"")], how);
            assert_eq!(
                (names(&out), names(&out.join("x"))),
                (vec!["m".into(), "x".into()], vec!["2".into(), "y".into()])
            );
            replace(&out, &[("m", b"new")], how);
            assert_eq!(names(&out), ["m"]);
            assert_eq!(fs::read(out.join("m")).unwrap(), b"new");
            assert_eq!(
                names(&dir.path().join("a")),
                ["out"],
                "nothing is left beside it"
            );
        }
    }

    #[test]
    fn what_a_killed_build_left_is_cleared_and_the_old_folder_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let shop = workshop(&out);
        // Killed between two renames.
        fs::create_dir_all(shop.join(OLD)).unwrap();
        fs::create_dir_all(shop.join(NEW).join("x")).unwrap();
        fs::write(shop.join(OLD).join("m"), "old").unwrap();
        fs::write(shop.join(LOCK), "").unwrap();
        drop(open(&out));
        assert_eq!(fs::read(out.join("m")).unwrap(), b"old");
        assert_eq!(names(dir.path()), ["out"]);
        // Killed after them.
        fs::create_dir_all(shop.join(OLD)).unwrap();
        fs::write(shop.join(OLD).join("m"), "older").unwrap();
        fs::write(shop.join(LOCK), "").unwrap();
        drop(open(&out));
        assert_eq!(fs::read(out.join("m")).unwrap(), b"old");
        assert_eq!(names(dir.path()), ["out"]);
    }

    #[test]
    fn what_no_build_left_stays() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let shop = workshop(&out);
        for put in ["mine", "new/mine"] {
            let path = shop.join(put);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "x").unwrap();
            let failure = Workshop::open(&out, &mut || {}).unwrap_err();
            assert!(
                failure.message.contains("is in the way"),
                "{}",
                failure.message
            );
            assert!(path.exists());
            fs::remove_dir_all(&shop).unwrap();
        }
    }

    #[test]
    fn one_build_waits_for_the_other() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let first = open(&out);
        let (sender, told) = std::sync::mpsc::channel();
        let there = out.clone();
        let second = std::thread::spawn(move || {
            let mut count = 0;
            let shop = Workshop::open(&there, &mut || {
                count += 1;
                sender.send(()).unwrap();
            })
            .unwrap();
            let seen = contents(&there).unwrap();
            shop.replace(&[("m", b"second")], &seen, How::Exchange)
                .unwrap();
            count
        });
        told.recv().unwrap();
        first
            .replace(&[("m", b"first")], &Contents::new(), How::Exchange)
            .unwrap();
        assert_eq!(second.join().unwrap(), 1);
        assert_eq!(fs::read(out.join("m")).unwrap(), b"second");
        assert_eq!(names(dir.path()), ["out"]);
    }

    #[test]
    fn many_builds_at_once_do_not_disturb_one_another() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        std::thread::scope(|scope| {
            for number in 0..8u8 {
                let out = &out;
                scope.spawn(move || {
                    for _ in 0..10 {
                        replace(out, &[("a", &[number]), ("b/c", &[number])], How::Exchange);
                    }
                });
            }
        });
        assert_eq!(
            fs::read(out.join("a")).unwrap(),
            fs::read(out.join("b/c")).unwrap()
        );
        assert_eq!(names(dir.path()), ["out"]);
    }
}
