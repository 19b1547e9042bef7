//! Why the model says what it says: TreeSHAP contributions by feature.

/// One row per customer, one value per feature of the model, in margin (log-odds) units.
///
/// The one-hot columns of a category are summed into their feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Contributions {
    /// The features, in the model's order.
    pub features: Vec<String>,
    /// Row-major: `values[row * features.len() + feature]`.
    pub values: Vec<f32>,
}

impl Contributions {
    /// The contributions of one row, in the order of [`Self::features`].
    pub fn row(&self, row: usize) -> &[f32] {
        let width = self.features.len();
        &self.values[row * width..(row + 1) * width]
    }
}
