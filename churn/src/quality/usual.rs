//! What is usual: the one in the middle, where there are enough to speak of.

/// Of fewer customers nothing can be said of what is usual.
pub(super) const FEW: u64 = 20;

/// Why a check of what is usual was not made.
pub(super) const TOO_FEW: &str = "fewer than 20 customers, of whom nobody can say what is usual";

/// The value in the middle, the lower one of two; none of none.
pub(super) fn middle(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_two_is_the_lower_one() {
        assert_eq!(middle(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(middle(vec![2.0, 1.0]), Some(1.0));
        assert_eq!(middle(Vec::new()), None);
    }
}
