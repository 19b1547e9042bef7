//! How far two samples lie apart, and how likely chance alone puts them so far.

pub(super) mod adjust;
pub(super) mod categories;
mod kolmogorov;
pub(super) mod ks;
mod ks_exact;
pub(crate) mod order;
pub(super) mod robust;
mod wasserstein;
