//! Recommendations: what to do for each scored customer, when, at what cost at most, and why.
//!
//! The offer policy proposes an action by risk tier; guardrails that are part of the type
//! [`Recommendation`] refuse what must never go out; the reason dictionary says it to people.

mod action;
mod causes;
mod customers;
mod dictionary_file;
mod policy;
mod reasons;
mod recommendation;
mod sentence;
mod table;
mod texts;

/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 3;

pub use action::{Action, TimingWindow};
pub use policy::{ControlGroup, OfferPolicy, TierOffer};
pub use reasons::{Reason, ReasonDictionary, RuleReason};
pub use recommendation::{BrokenGuardrail, Proposal, Recommendation};
pub use sentence::Sentence;
pub use table::recommend;
pub use texts::ReasonTexts;
