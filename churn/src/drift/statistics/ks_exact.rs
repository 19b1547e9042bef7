//! The exact law of the two-sample Kolmogorov-Smirnov statistic, by counting lattice paths.
//!
//! Under the null hypothesis every order of the pooled rows is equally likely: a path from (0, 0) to
//! (n, m), one step per row. P(D >= d) is the share of paths that leave the band
//! |i/n - j/m| < d at least once. The statistic is given as the whole number `h` = d lcm(n, m).

/// The share of paths that leave the band; `n`, `m` >= 1, `h` >= 1.
///
/// `None` when rounding carried the share above 1, so that it cannot be trusted: this happens only
/// for a few small equal sizes at the smallest distance. SciPy then takes the asymptotic law.
pub(super) fn survival(n: u64, m: u64, h: u64) -> Option<f64> {
    if n == m {
        let share = equal_sizes(n, h);
        return (share <= 1.0).then_some(share);
    }
    Some(any_sizes(n.max(m), n.min(m), h).min(1.0))
}

/// The reflection principle: 2 sum over k >= 1 of (-1)^(k-1) C(2n, n-kh) / C(2n, n).
///
/// Gnedenko and Korolyuk (1951), nested from the last reflection inwards as r1 (1 - r2 (1 - ...)):
/// each ratio of neighbouring terms is a product of `h` small factors, so nothing overflows.
fn equal_sizes(n: u64, h: u64) -> f64 {
    let mut nested = 0.0;
    for reflection in (0..=n / h).rev() {
        let offset = reflection * h;
        let ratio =
            (offset..offset + h).fold(1.0, |ratio, step| n.saturating_sub(step) as f64 * ratio / (n + step + 1) as f64);
        nested = ratio * (1.0 - nested);
    }
    2.0 * nested
}

/// The share q(i, j) of the paths to (i, j) that have left the band: 1 outside of it, inside
/// q(i, j) = [i q(i-1, j) + j q(i, j-1)] / (i + j).
///
/// J. L. Hodges (1958); carried as shares that have left, not paths that stayed, no digits cancel
/// in small values (T. Viehmann, arXiv:2102.08037). Costs `long` times the width of the band.
fn any_sizes(long: u64, short: u64, h: u64) -> f64 {
    let divisor = greatest_common_divisor(long, short);
    let (long_step, short_step) = (long / divisor, short / divisor);
    let inverse: Vec<f64> = (0..=long + short).map(|steps| 1.0 / steps as f64).collect();
    // Cells above the band are never written, so they keep their 1; cells below are never read again.
    let mut left: Vec<f64> = (0..=short).map(|j| if j * long_step < h { 0.0 } else { 1.0 }).collect();
    for i in 1..=long {
        let centre = i * short_step;
        let first = if centre < h { 0 } else { (centre - h) / long_step + 1 };
        let end = ((centre + h).div_ceil(long_step)).min(short + 1);
        if first >= end {
            return 1.0;
        }
        let mut below = 1.0;
        for j in first..end {
            let scale = inverse[(i + j) as usize];
            let cell = &mut left[j as usize];
            below = *cell * (i as f64 * scale) + below * (j as f64 * scale);
            *cell = below;
        }
    }
    left[short as usize]
}

/// Euclid's algorithm.
pub(super) fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
