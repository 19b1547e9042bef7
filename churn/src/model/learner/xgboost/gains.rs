//! The gains of splits, from the text in which XGBoost tells its trees.

use super::failures::ADVICE_ON_A_MODEL;
use crate::error::{Error, Result};

/// The loss that the splits on each of so many columns saved, summed over all trees of a dump.
pub(super) fn gains_of(dump: &str, width: usize) -> Result<Vec<f64>> {
    let mut gains = vec![0.0; width];
    for (column, gain) in dump.lines().filter_map(split_gain) {
        let total = gains.get_mut(column).ok_or_else(|| {
            let problem = format!("a split on column {column} of {width}; {ADVICE_ON_A_MODEL}");
            Error::model("read the trees", problem)
        })?;
        *total += gain;
    }
    Ok(gains)
}

/// Column and gain of a line such as `0:[f29<0.5] yes=1,no=2,missing=1,gain=123.4,cover=33`.
fn split_gain(line: &str) -> Option<(usize, f64)> {
    let (_, rest) = line.split_once("[f")?;
    let (column, rest) = rest.split_once(['<', ']'])?;
    let (_, gain) = rest.split_once("gain=")?;
    let gain = gain.split(',').next()?;
    Some((column.parse().ok()?, gain.parse().ok()?))
}
