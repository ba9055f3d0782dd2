//! The peak memory of doing something once, in a process of its own.

use std::process::Command;

use super::work::WORKS;

/// Does the work once and prints the peak of this process.
pub fn once(name: &str, grants: usize) {
    if !super::artifacts::once(name, grants) {
        let work = WORKS.iter().find(|w| w.name == name).unwrap();
        work.prepare(grants).run();
    }
    println!("{}", peak().unwrap_or(0));
}

/// The peak memory of a process that does the work once, in bytes.
pub fn peak_of(name: &str, grants: usize) -> Option<u64> {
    let output = Command::new(std::env::current_exe().ok()?)
        .args(["--once", name, &grants.to_string()])
        .output()
        .ok()?;
    String::from_utf8(output.stdout)
        .ok()?
        .trim()
        .parse()
        .ok()
        .filter(|n| *n > 0)
}

/// The peak memory of this process, where the system says so (Linux).
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}
