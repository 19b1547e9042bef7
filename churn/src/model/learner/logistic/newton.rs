//! The minimum of ½ w'w + C Σ sᵢ log(1 + exp(-yᵢ (w'xᵢ + b))) by Newton's method, with sᵢ the weight of the row's class
//! (Hastie, Tibshirani, Friedman 2009, section 4.4.1; the weights are scikit-learn's `balanced`: n / (2 nₖ)).
//!
//! A step that would climb is halved: with the penalty the sum is convex, so that a short enough step always descends.

use crate::error::{Error, Result};
use crate::model::bundle::platt::sigmoid;

/// A step is the last one when no coordinate moves further.
const SMALL_STEP: f64 = 1e-9;
/// How often a step is halved before it counts as none.
const HALVINGS: u32 = 40;
/// Near the minimum two losses differ by rounding alone.
const ROUNDING: f64 = 1e-12;

/// What is minimised.
#[derive(Clone, Copy)]
pub(super) struct Problem<'a> {
    /// Standardised, row-major.
    pub values: &'a [f64],
    /// Columns.
    pub width: usize,
    /// Whether each row churned; some of both.
    pub labels: &'a [bool],
    /// The inverse of the penalty.
    pub c: f64,
}

impl Problem<'_> {
    /// The weights, and the intercept last. Calls `after_round` as often as steps are allowed, whether they are needed or not.
    pub fn minimum(&self, iterations: u32, after_round: &mut dyn FnMut() -> Result<()>) -> Result<Vec<f64>> {
        let mut solution = vec![0.0; self.width + 1];
        let mut is_found = false;
        for _ in 0..iterations {
            if !is_found {
                let step = self.step(&solution)?;
                is_found = step.iter().all(|move_by| move_by.abs() < SMALL_STEP);
                self.descend(&mut solution, &step);
            }
            after_round()?;
        }
        if is_found {
            return Ok(solution);
        }
        let problem = format!("no minimum in {iterations} steps; raise ladder.logistic_regression.iterations");
        Err(Error::model("fit the logistic regression", problem))
    }

    /// Newton's step: the Hessian's inverse times the gradient.
    fn step(&self, solution: &[f64]) -> Result<Vec<f64>> {
        let size = self.width + 1;
        let mut gradient = solution.to_vec();
        // The intercept is not penalised.
        gradient[self.width] = 0.0;
        let mut hessian = vec![0.0; size * size];
        for column in 0..self.width {
            hessian[column * size + column] = 1.0;
        }
        let mut row_with_one = vec![1.0; size];
        for (row, (label, class_weight)) in self.values.chunks_exact(self.width).zip(self.weighted_labels()) {
            row_with_one[..self.width].copy_from_slice(row);
            let probability = sigmoid(dot(&row_with_one, solution));
            let pull = self.c * class_weight * (probability - label);
            let curve = self.c * class_weight * probability * (1.0 - probability);
            for (place, &value) in row_with_one.iter().enumerate() {
                gradient[place] += pull * value;
                // The lower half is enough.
                let scaled = curve * value;
                for (cell, &other) in hessian[place * size..=place * size + place].iter_mut().zip(&row_with_one) {
                    *cell += scaled * other;
                }
            }
        }
        solve(hessian, gradient)
    }

    fn descend(&self, solution: &mut Vec<f64>, step: &[f64]) {
        let before = self.loss(solution);
        let mut share = 1.0;
        for _ in 0..HALVINGS {
            let tried: Vec<f64> = solution.iter().zip(step).map(|(value, step)| value - share * step).collect();
            if self.loss(&tried) <= before * (1.0 + ROUNDING) {
                *solution = tried;
                return;
            }
            share /= 2.0;
        }
    }

    fn loss(&self, solution: &[f64]) -> f64 {
        let penalty = solution[..self.width].iter().map(|weight| weight * weight).sum::<f64>() / 2.0;
        let rows = self.values.chunks_exact(self.width).zip(self.weighted_labels());
        let losses = rows.map(|(row, (label, class_weight))| {
            let margin = dot(row, &solution[..self.width]) + solution[self.width];
            let towards = if label > 0.5 { margin } else { -margin };
            // log(1 + exp(-m)) without an overflow.
            class_weight * ((-towards.abs()).exp().ln_1p() + (-towards).max(0.0))
        });
        penalty + self.c * losses.sum::<f64>()
    }

    /// Each label as 0 or 1, with the weight of its class.
    fn weighted_labels(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let rows = self.labels.len() as f64;
        let churners = self.labels.iter().filter(|&&label| label).count() as f64;
        let weights = [rows / (2.0 * (rows - churners)), rows / (2.0 * churners)];
        self.labels.iter().map(move |&label| (f64::from(u8::from(label)), weights[usize::from(label)]))
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Solves a system with a symmetric, positive definite matrix, of which the lower half is given (Cholesky).
fn solve(mut matrix: Vec<f64>, mut right: Vec<f64>) -> Result<Vec<f64>> {
    let size = right.len();
    for row in 0..size {
        for column in 0..=row {
            let known = dot(&matrix[row * size..row * size + column], &matrix[column * size..column * size + column]);
            let rest = matrix[row * size + column] - known;
            if row != column {
                matrix[row * size + column] = rest / matrix[column * size + column];
                continue;
            }
            if rest <= 0.0 || !rest.is_finite() {
                let problem = "its Hessian is not positive definite; look for columns that are not finite";
                return Err(Error::model("fit the logistic regression", problem));
            }
            matrix[row * size + row] = rest.sqrt();
        }
    }
    for row in 0..size {
        let known = dot(&matrix[row * size..row * size + row], &right[..row]);
        right[row] = (right[row] - known) / matrix[row * size + row];
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|below| matrix[below * size + row] * right[below]).sum();
        right[row] = (right[row] - known) / matrix[row * size + row];
    }
    Ok(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_system_is_solved() {
        // [[4, 2], [2, 3]] x = [10, 8]: x = [1.75, 1.5]
        let solution = solve(vec![4.0, 0.0, 2.0, 3.0], vec![10.0, 8.0]).unwrap();
        assert!((solution[0] - 1.75).abs() < 1e-12 && (solution[1] - 1.5).abs() < 1e-12, "{solution:?}");
        assert!(solve(vec![0.0], vec![1.0]).is_err());
    }

    #[test]
    fn separable_rows_have_a_minimum_by_the_penalty_and_too_few_steps_say_so() {
        let values: Vec<f64> = (0..20).map(|i| f64::from(i) - 9.5).collect();
        let labels: Vec<bool> = (0..20).map(|i| i >= 10).collect();
        let problem = Problem { values: &values, width: 1, labels: &labels, c: 100.0 };
        let solution = problem.minimum(50, &mut || Ok(())).unwrap();
        assert!(solution[0] > 1.0 && solution[0].is_finite() && solution[1].abs() < 1e-6, "{solution:?}");
        let message = problem.minimum(1, &mut || Ok(())).unwrap_err().to_string();
        assert!(message.contains("no minimum in 1 steps"), "{message}");
    }

    #[test]
    fn whoever_stops_it_is_heard() {
        let problem = Problem { values: &[0.0, 1.0], width: 1, labels: &[false, true], c: 1.0 };
        assert!(matches!(problem.minimum(5, &mut || Err(Error::Cancelled)), Err(Error::Cancelled)));
    }
}
