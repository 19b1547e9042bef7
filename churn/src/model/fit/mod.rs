//! Makes a challenger from the gold table.

pub(in crate::model) mod calibrate;
pub(in crate::model) mod checkpoints;
mod decision;
mod digest;
pub(in crate::model) mod figures;
pub(in crate::model) mod made_by;
mod side_by_side;
pub(in crate::model) mod train;
pub(in crate::model) mod trainer;

/// The version of this computation, split, calibration and threshold among it; see [`crate::versions`].
///
/// It is in two digests: that of the training's stage, and that of the model, which is its version. So when
/// it is raised, every customer table makes a model of another version.
pub const VERSION: u32 = 3;
