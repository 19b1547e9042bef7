//! How good the model is before anybody can know, and how good it was once labels are there.
//!
//! A calibrated probability says how often its customers churn; so it says, too, how good the ranking would be if it
//! were right (confidence-based performance estimation, CBPE: J. Kivimäki and others, arXiv:2505.05295). Outcomes are
//! drawn from the probabilities, and each draw has a PR-AUC. Where the labels, once they come, lie outside of what the
//! draws allow, customers no longer churn for the reasons that the model knows, though no feature may have drifted.

mod draws;
pub(in crate::model) mod estimate;
pub(in crate::model) mod measured;
pub(in crate::model) mod monitor;
#[cfg(test)]
mod sample;
mod settings;

pub use estimate::{Estimated, Figure};
pub use measured::{Departure, FigureName, Realised};
pub use monitor::{PastScores, PerformanceReport, RealisedOf, View, Whose, monitor};
pub use settings::PerformanceSettings;
