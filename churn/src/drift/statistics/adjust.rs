//! Many tests at once: which p-values are small for other reasons than that there are many of them.

/// The p-values adjusted by Benjamini and Hochberg (1995), in the order given; as
/// `scipy.stats.false_discovery_control`.
///
/// Of the columns with an adjusted value (q) below a limit, at most that share moved by chance alone, on average. A
/// p-value that is no number counts as 0: unknown is not "no drift".
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let known = |place: usize| if p_values[place].is_nan() { 0.0 } else { p_values[place] };
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| known(a).total_cmp(&known(b)));
    let tests = p_values.len() as f64;
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least = 1.0_f64;
    for (rank, &place) in order.iter().enumerate().rev() {
        least = least.min(known(place) * tests / (rank + 1) as f64);
        adjusted[place] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15), "{found:?} is not {expected:?}");
    }

    /// Expected values: SciPy 1.17.1, `false_discovery_control(p, method='bh')`.
    #[test]
    fn agrees_with_scipy() {
        close(&benjamini_hochberg(&[0.01, 0.02, 0.03, 0.04, 0.05]), &[0.05; 5]);
        close(&benjamini_hochberg(&[0.001, 0.8, 0.02, 0.9, 0.000_4, 0.5]), &[0.003, 0.9, 0.04, 0.9, 0.002_4, 0.75]);
        close(&benjamini_hochberg(&[1.0, 1.0]), &[1.0, 1.0]);
        close(&benjamini_hochberg(&[0.2]), &[0.2]);
        close(&benjamini_hochberg(&[]), &[]);
    }

    #[test]
    fn one_small_value_among_many_is_no_news_and_what_is_no_number_is() {
        let mut p_values = vec![0.5; 49];
        p_values.push(0.004);
        assert!(benjamini_hochberg(&p_values)[49] > 0.01, "one in 250, among 50");
        assert_eq!(benjamini_hochberg(&[0.5, f64::NAN])[1], 0.0);
    }
}
