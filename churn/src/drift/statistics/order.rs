//! What both sides of a comparison need of their values: an order, quantiles, shares of bins.

/// The values in rising order; what is no number is left out.
pub fn ascending(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// A quantile of rising values, linear between two of them (type 7, as NumPy); nothing of no values.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = share * last as f64;
    let below = position as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (position - below as f64) * (sorted[above] - sorted[below]))
}

/// The inner edges of the tenths of rising values; equal ones once, so that a value with many rows has one bin.
pub fn deciles(sorted: &[f64]) -> Vec<f64> {
    let mut edges: Vec<f64> = (1..10).filter_map(|tenth| quantile(sorted, f64::from(tenth) / 10.0)).collect();
    edges.dedup();
    edges
}

/// How many rising values lie in each bin: up to the first edge, up to the second, ... above the last.
pub fn counts(sorted: &[f64], edges: &[f64]) -> Vec<u64> {
    let mut before = 0;
    let mut counts = Vec::with_capacity(edges.len() + 1);
    for edge in edges {
        let up_to = sorted.partition_point(|value| value <= edge);
        counts.push((up_to - before) as u64);
        before = up_to;
    }
    counts.push((sorted.len() - before) as u64);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_linear_between_two_values() {
        let sorted = ascending(&[4.0, f64::NAN, 1.0, 3.0, 2.0]);
        assert_eq!(sorted, [1.0, 2.0, 3.0, 4.0]);
        // numpy.quantile([1, 2, 3, 4], [0, .1, .5, 1])
        assert_eq!(
            [0.0, 0.1, 0.5, 1.0].map(|share| quantile(&sorted, share)),
            [Some(1.0), Some(1.3), Some(2.5), Some(4.0)]
        );
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn the_tenths_hold_every_value_once_and_a_heavy_value_has_one_bin() {
        let sorted: Vec<f64> = (0..100).map(f64::from).collect();
        let edges = deciles(&sorted);
        assert_eq!((edges.len(), counts(&sorted, &edges)), (9, vec![10; 10]));
        let heavy = [vec![0.0; 95], vec![1.0; 5]].concat();
        assert_eq!((deciles(&heavy), counts(&heavy, &deciles(&heavy))), (vec![0.0], vec![95, 5]));
    }
}
