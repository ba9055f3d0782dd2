//! A line on a terminal that says what a long build is doing.

use std::io::{IsTerminal as _, Write as _};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A build that is done sooner says nothing.
const AFTER: Duration = Duration::from_millis(500);
/// How often the line is written anew.
const EVERY: Duration = Duration::from_millis(100);

/// Shows the stage of a build on stderr until it is dropped.
#[derive(Debug, Default)]
pub struct Progress {
    stages: Option<Sender<String>>,
    writer: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows on a terminal, where `wanted`; else nothing.
    pub fn new(wanted: bool) -> Self {
        if !wanted || !std::io::stderr().is_terminal() {
            return Self::default();
        }
        let (stages, heard) = mpsc::channel::<String>();
        let writer = std::thread::spawn(move || {
            let started = Instant::now();
            let mut stage = String::new();
            let mut shown = false;
            loop {
                match heard.recv_timeout(EVERY) {
                    Ok(new) => stage = new,
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
                let passed = started.elapsed();
                if passed >= AFTER {
                    show(&line(&stage, passed));
                    shown = true;
                }
            }
            if shown {
                show("");
            }
        });
        Self {
            stages: Some(stages),
            writer: Some(writer),
        }
    }

    /// Says what begins now.
    pub fn stage(&self, name: impl Into<String>) {
        if let Some(stages) = &self.stages {
            let _ = stages.send(name.into());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.stages = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// `building: sql (3 s)`
fn line(stage: &str, passed: Duration) -> String {
    format!("building: {stage} ({} s)", passed.as_secs())
}

/// Writes over the line at hand.
fn show(text: &str) {
    let _ = write!(std::io::stderr().lock(), "\r\u{1b}[K{text}");
    let _ = std::io::stderr().flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_terminal_nobody_writes() {
        let progress = Progress::new(false);
        progress.stage("json");
        assert!(progress.writer.is_none());
        assert_eq!(
            line("sql", Duration::from_millis(3100)),
            "building: sql (3 s)"
        );
    }
}
