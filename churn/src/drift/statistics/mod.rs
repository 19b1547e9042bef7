//! How far two samples lie apart, and how likely chance alone puts them so far.

mod kolmogorov;
pub(super) mod ks;
mod ks_exact;
