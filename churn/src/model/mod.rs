//! The model: matrix, split, training, calibration, evaluation, gate, scoring.

mod contributions;

pub use contributions::Contributions;
