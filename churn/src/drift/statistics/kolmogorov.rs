//! The law of the one-sample, two-sided Kolmogorov-Smirnov statistic for a finite number of rows.
//!
//! Promises P(D_n >= d) with about ten correct digits, also far out in the tail. The choice of
//! method by region is that of R. Simard and P. L'Ecuyer, "Computing the two-sided
//! Kolmogorov-Smirnov distribution", J. Stat. Software 39 (11), 2011, with the limits that SciPy uses.

use std::f64::consts::PI;

/// Up to here the law is computed exactly everywhere.
const SMALL_N: u64 = 140;
/// From here on P < 1e-320.
const NOTHING_LEFT: f64 = 370.0;
/// Beyond this many rows the exact sum costs too much; its leading term has every digit needed.
const SUM_LIMIT: u64 = 1_000_000;

/// P(D_n >= d) under the null hypothesis, for `n` >= 1 rows.
pub(super) fn survival(n: u64, d: f64) -> f64 {
    let rows = n as f64;
    let nd = rows * d;
    let ndd = nd * d;
    if d >= 1.0 {
        return 0.0;
    }
    if nd <= 0.5 {
        return 1.0;
    }
    if nd <= 1.0 {
        return 1.0 - (log_factorial_over_power(rows) + rows * (2.0 * nd - 1.0).ln()).exp();
    }
    if nd >= rows - 1.0 {
        return (2.0 * (rows * (-d).ln_1p()).exp()).clamp(0.0, 1.0);
    }
    if d >= 0.5 {
        return two_one_sided(n, d);
    }
    if n <= SMALL_N {
        return if ndd <= 4.0 { (1.0 - durbin(n, d)).clamp(0.0, 1.0) } else { two_one_sided(n, d) };
    }
    if ndd >= NOTHING_LEFT {
        return 0.0;
    }
    if ndd >= 2.2 {
        return two_one_sided(n, d);
    }
    let below = if n <= 100_000 && rows * d.powf(1.5) <= 1.4 { durbin(n, d) } else { pelz_good(rows, d) };
    (1.0 - below).clamp(0.0, 1.0)
}

/// Twice the one-sided tail: exact from d = 1/2 on, and as good as exact in the tail, where the
/// curve cannot leave the band on both sides.
fn two_one_sided(n: u64, d: f64) -> f64 {
    (2.0 * one_sided(n, d)).clamp(0.0, 1.0)
}

/// P(D_n+ >= d), the sum of Birnbaum and Tingey (1951):
/// sum over v of C(n,v) d (d + v/n)^(v-1) (1 - d - v/n)^(n-v).
///
/// Each term is written as a binomial probability at its own mean times a correction, so that
/// powers of size e^n never appear and no digits cancel (C. Loader's saddle-point form).
fn one_sided(n: u64, d: f64) -> f64 {
    let rows = n as f64;
    if n > SUM_LIMIT {
        return (-(6.0 * rows * d + 1.0).powi(2) / (18.0 * rows)).exp();
    }
    let shift = rows * d;
    let last = (rows * (1.0 - d)).floor() as u64;
    let rows_error = stirling_error(rows);
    let mut sum = (rows * (-d).ln_1p()).exp();
    for successes in 1..=last {
        let v = successes as f64;
        let w = rows - v;
        if w <= shift {
            break;
        }
        let at_the_mean = (rows / (2.0 * PI * v * w)).sqrt();
        let exponent =
            rows_error - stirling_error(v) - stirling_error(w) + v * (shift / v).ln_1p() + w * (-shift / w).ln_1p();
        sum += shift / (shift + v) * at_the_mean * exponent.exp();
    }
    sum
}

/// ln k! - [(k + 1/2) ln k - k + 1/2 ln 2 pi], for whole k >= 1.
fn stirling_error(k: f64) -> f64 {
    if k < 16.0 {
        let factorial: f64 = (1..=k as u32).map(f64::from).product();
        return factorial.ln() - (k + 0.5) * k.ln() + k - 0.5 * (2.0 * PI).ln();
    }
    let square = 1.0 / (k * k);
    (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0)))) / k
}

/// ln(n! / n^n).
fn log_factorial_over_power(rows: f64) -> f64 {
    0.5 * (2.0 * PI * rows).ln() - rows + stirling_error(rows)
}

/// P(D_n < d) by Durbin's matrix: the middle element of the n-th power of a band matrix.
///
/// J. Durbin (1968) in the form of Marsaglia, Tsang and Wang, J. Stat. Software 8 (18), 2003.
/// Costs (2nd)^3 ln n: for small `nd` only.
fn durbin(n: u64, d: f64) -> f64 {
    let nd = n as f64 * d;
    let k = nd.ceil() as usize;
    let size = 2 * k - 1;
    let mut square = durbin_matrix(size, k as f64 - nd);
    let mut square_exponent = 0;
    let mut row = vec![0.0; size];
    row[k - 1] = 1.0;
    let mut exponent = 0;
    let mut power = n;
    while power > 0 {
        if power % 2 == 1 {
            row = row_times(&row, &square, size);
            exponent += square_exponent;
            exponent += rescale(&mut row, k - 1);
        }
        power /= 2;
        if power > 0 {
            square = square.chunks_exact(size).flat_map(|line| row_times(line, &square, size)).collect();
            square_exponent *= 2;
            square_exponent += rescale(&mut square, (k - 1) * size + k - 1);
        }
    }
    let mut below = row[k - 1];
    for i in 1..=n {
        below *= i as f64 / n as f64;
        if below < 1e-140 {
            below *= 1e140;
            exponent -= 140;
        }
    }
    below * 10_f64.powi(exponent)
}

/// The matrix H of Durbin, row by row; `h` is how far nd lies below the next whole number.
fn durbin_matrix(size: usize, h: f64) -> Vec<f64> {
    let mut inverse_factorial = vec![1.0; size + 1];
    for i in 1..=size {
        inverse_factorial[i] = inverse_factorial[i - 1] / i as f64;
    }
    let mut matrix = vec![0.0; size * size];
    for row in 0..size {
        for column in 0..size.min(row + 2) {
            let mut weight = 1.0;
            if column == 0 {
                weight -= h.powi(row as i32 + 1);
            }
            if row == size - 1 {
                weight -= h.powi((size - column) as i32);
            }
            if column == 0 && row == size - 1 {
                weight += (2.0 * h - 1.0).max(0.0).powi(size as i32);
            }
            matrix[row * size + column] = weight * inverse_factorial[row + 1 - column];
        }
    }
    matrix
}

fn row_times(row: &[f64], matrix: &[f64], size: usize) -> Vec<f64> {
    let mut product = vec![0.0; size];
    for (factor, line) in row.iter().zip(matrix.chunks_exact(size)) {
        for (sum, value) in product.iter_mut().zip(line) {
            *sum += factor * value;
        }
    }
    product
}

/// Divides by 1e140 when the value that matters has grown past it; the exponent taken out.
fn rescale(values: &mut [f64], watched: usize) -> i32 {
    if values[watched] <= 1e140 {
        return 0;
    }
    for value in values {
        *value *= 1e-140;
    }
    140
}

/// P(D_n < d) by the expansion of Pelz and Good in powers of n^(-1/2), J. R. Stat. Soc. B 38 (2), 1976.
///
/// The letters are theirs: z = d sqrt(n), and K0 .. K3 the four terms.
fn pelz_good(rows: f64, d: f64) -> f64 {
    let z = rows.sqrt() * d;
    let (z2, z4, z6) = (z.powi(2), z.powi(4), z.powi(6));
    let (p2, p4, p6) = (PI.powi(2), PI.powi(4), PI.powi(6));
    let terms = (16.0 * z / PI).ceil() as u32;
    let mut k0 = 0.0;
    let mut k1 = 0.0;
    let mut k2 = 0.0;
    let mut k3 = 0.0;
    // From the smallest summand up, so that none is lost.
    for k in (1..=terms).rev() {
        let m2 = f64::from(2 * k - 1).powi(2);
        let weight = (-p2 * m2 / (8.0 * z2)).exp();
        k0 += weight;
        k1 += weight * (p2 / 4.0 * m2 - z2);
        k2 += weight
            * (6.0 * z6 + 2.0 * z4 + (2.0 * z4 - 5.0 * z2) * p2 / 4.0 * m2 + p4 * (1.0 - 2.0 * z2) / 16.0 * m2 * m2);
        k3 += weight
            * (-30.0 * z6 - 90.0 * z4 * z4
                + p2 * (135.0 * z4 - 96.0 * z6) / 4.0 * m2
                + p4 * (212.0 * z4 - 60.0 * z2) / 16.0 * m2 * m2
                + p6 * (5.0 - 30.0 * z2) / 64.0 * m2.powi(3));
    }
    let mut even2 = 0.0;
    let mut even3 = 0.0;
    for k in (1..=terms).rev() {
        let j2 = f64::from(k).powi(2);
        let weight = j2 * (-p2 * j2 / (2.0 * z2)).exp();
        even2 += weight;
        even3 += weight * (3.0 * z2 - p2 * j2);
    }
    let root = (2.0 * PI).sqrt();
    let k0 = root * k0 / z;
    let k1 = root * k1 / (6.0 * z4);
    let k2 = root * (k2 / (72.0 * z.powi(7)) - p2 * even2 / (36.0 * z.powi(3)));
    let k3 = root * (k3 / (6480.0 * z.powi(10)) + p2 * even3 / (216.0 * z6));
    k0 + k1 / rows.sqrt() + k2 / rows + k3 / rows.powf(1.5)
}
