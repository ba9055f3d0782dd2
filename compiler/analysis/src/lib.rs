//! Claims proved and findings made: what the solver decides about a policy, told to people.
//!
//! Questions are asked of the solver; what it answers with a witness, the reference evaluator confirms before anybody
//! sees it. Findings are made for each resource by itself, over just the rules that it needs, so that an edit re-makes
//! those alone.

mod access;
mod answers;
mod claims;
mod confirm;
mod cx;
mod findings;
mod lawful;
mod place;
mod queries;
mod raw;
mod same;
pub mod show;
mod slice;
mod smallest;
mod undated;

pub use access::{Access, Reach, Reaches};
pub use claims::{Proof, prove};
pub use place::Texts;
pub use queries::{Report, beyond, fault_at, prove_file, report, told};
pub use raw::{Example, Mend, Raw, Shown, Spot, Trouble};
pub use same::{MAX_RULES, same_meaning};
pub use smallest::{shown, smallest, smallest_while};
