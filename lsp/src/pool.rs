//! The threads on which questions are answered.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Work for a thread.
pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// Conditions nest as deep as the language allows, and so do the walks over them.
const STACK: usize = 64 << 20;

/// A few threads that take jobs in order.
pub(crate) struct Pool {
    jobs: Sender<Job>,
}

impl Pool {
    /// Starts as many threads as there are cores, and at least three: a long proof leaves room for a quick answer.
    pub fn new() -> Self {
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        for n in 0..threads.max(3) {
            let queue = Arc::clone(&queue);
            let builder = std::thread::Builder::new()
                .name(format!("reader {n}"))
                .stack_size(STACK);
            if builder.spawn(move || work(&queue)).is_err() {
                // With fewer threads answers come later; without any, `run` answers itself.
                break;
            }
        }
        Self { jobs }
    }

    /// Runs a job on one of the threads.
    pub fn run(&self, job: Job) {
        if let Err(job) = self.jobs.send(job) {
            (job.0)();
        }
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            // A question catches its own panics; this is for what is around it.
            Ok(job) => drop(catch_unwind(AssertUnwindSafe(job))),
            // The server ends.
            Err(_) => return,
        }
    }
}
