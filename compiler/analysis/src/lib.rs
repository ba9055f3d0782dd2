//! Claims proved and findings made: what the solver decides about a policy, told to people.
//!
//! Questions are asked of the solver; what it answers with a witness, the reference evaluator confirms before anybody
//! sees it. Findings are made for each resource by itself, over just the rules that it needs, so that an edit re-makes
//! those alone.

mod confirm;
mod cx;
mod findings;
mod raw;

pub use raw::{Mend, Raw, Shown, Spot, Trouble};
