//! Whether somebody still wants the answer.
//!
//! A question can take long, and whoever asked may be gone: an editor has moved on. So every loop that grows with a question
//! polls. What is polled belongs to whoever asks, and leaves by unwinding: an answer that nobody wants is never given, so it
//! cannot be taken for one, nor be kept.

/// Called again and again while a question is written out and solved; unwinds where the answer is not wanted any more.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'w>(pub Option<&'w dyn Fn()>);

impl Wanted<'_> {
    /// Returns where the answer is still wanted.
    pub fn poll(self) {
        if let Some(poll) = self.0 {
            poll();
        }
    }
}

impl std::fmt::Debug for Wanted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wanted")
    }
}

/// What the SAT solver calls between two decisions.
impl batsat::Callbacks for Wanted<'_> {
    fn stop(&self) -> bool {
        self.poll();
        false
    }
}
