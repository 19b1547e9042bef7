//! Recommendations: what to do for each scored customer, when, at what cost at most, and why.
//!
//! The offer policy proposes an action by risk tier, or by what an offer is worth within limits; guardrails that are part
//! of the type [`Recommendation`] refuse what must never go out; the reason dictionary says it to people. Either way
//! every recommendation says what its offer is worth, and the report what all of them are.

mod action;
mod assumptions;
mod bids;
mod causes;
mod control;
mod customers;
mod decide;
mod dictionary_file;
mod in_view;
mod plan;
mod policy;
mod reasons;
mod recommendation;
mod report;
mod save_rates;
mod sentence;
mod table;
mod texts;
mod value;
#[cfg(test)]
mod value_policy_test;
mod value_settings;

/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 6;

pub use action::{Action, TimingWindow};
pub use assumptions::assumptions;
pub use control::{ControlGroup, ControlStratum};
pub use in_view::InView;
pub use plan::PlanOrder;
pub use policy::{OfferPolicy, TierOffer};
pub use reasons::{Reason, ReasonDictionary, RuleReason};
pub use recommendation::{BrokenGuardrail, Proposal, Recommendation, ValueOfOffer};
pub use report::{OfferCut, OfferFigures, OfferLimits, OffersReport};
pub use save_rates::{RateBasis, SaveRate, SaveRates};
pub use sentence::Sentence;
pub use table::{Recommended, recommend};
pub use texts::ReasonTexts;
pub use value_settings::{AssumedRates, Capacity, PolicyKind, ValueSettings};
