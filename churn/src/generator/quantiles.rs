//! Published quantile tables turned into functions: a rank in (0, 1) goes in, a value comes out.

/// Knots `(x, y)` of a piecewise linear function, x rising.
pub type Knots = [(f64, f64)];

/// The function through `knots` at `x`; constant beyond the ends.
pub fn interpolate(x: f64, knots: &Knots) -> f64 {
    let after = knots.partition_point(|(knot, _)| *knot <= x);
    if after == 0 {
        return knots[0].1;
    }
    if after == knots.len() {
        return knots[after - 1].1;
    }
    let ((x0, y0), (x1, y1)) = (knots[after - 1], knots[after]);
    y0 + (y1 - y0) * (x - x0) / (x1 - x0)
}

/// As [`interpolate`], but straight lines in the logarithm of y: for values over many magnitudes.
pub fn interpolate_log(x: f64, knots: &Knots) -> f64 {
    let logs: Vec<(f64, f64)> = knots.iter().map(|(x, y)| (*x, y.ln())).collect();
    interpolate(x, &logs).exp()
}

/// The rank of each value as the middle of its share of (0, 1); ties keep their order.
pub fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    for (rank, index) in order.into_iter().enumerate() {
        ranks[index] = (rank as f64 + 0.5) / values.len() as f64;
    }
    ranks
}

/// Rounds to this many decimals, as the files hold them.
pub fn round(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_between_knots_are_linear_and_flat_beyond() {
        let knots = [(0.0, 10.0), (0.5, 20.0), (1.0, 60.0)];
        assert_eq!(interpolate(-1.0, &knots), 10.0);
        assert_eq!(interpolate(0.25, &knots), 15.0);
        assert_eq!(interpolate(0.75, &knots), 40.0);
        assert_eq!(interpolate(2.0, &knots), 60.0);
        assert!((interpolate_log(0.5, &[(0.0, 1.0), (1.0, 100.0)]) - 10.0).abs() < 1e-12);
    }

    #[test]
    fn ranks_are_middles_of_equal_shares() {
        assert_eq!(mid_ranks(&[30.0, 10.0, 20.0, 10.0]), [0.875, 0.125, 0.625, 0.375]);
    }
}
