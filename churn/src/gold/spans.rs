//! Spans of time between two dates, and how they are rounded.

use chrono::NaiveDate;

/// Days of an average month.
const DAYS_PER_MONTH: f64 = 30.44;

/// Whole days from `earlier` to `later`; negative when they are the other way round.
pub(super) fn days(later: NaiveDate, earlier: NaiveDate) -> i32 {
    (later - earlier).num_days() as i32
}

/// Months from `earlier` to `later`, not rounded.
pub(super) fn months(later: NaiveDate, earlier: NaiveDate) -> f64 {
    f64::from(days(later, earlier)) / DAYS_PER_MONTH
}

/// Rounds half to even, to whole numbers; there is no negative zero.
pub(super) fn round(value: f64) -> f64 {
    value.round_ties_even() + 0.0
}

/// Rounds half to even, to one decimal; there is no negative zero.
pub(super) fn round_to_tenth(value: f64) -> f64 {
    round(value * 10.0) / 10.0
}

#[cfg(test)]
#[expect(clippy::unnecessary_wraps, reason = "the fields that tests fill with it are optional")]
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_the_leap_day_and_the_direction() {
        let (february, march) = (date("2024-02-28").unwrap(), date("2024-03-01").unwrap());
        assert_eq!((days(march, february), days(february, march)), (2, -2));
        assert_eq!(days(date("2023-03-01").unwrap(), date("2023-02-28").unwrap()), 1);
    }

    #[test]
    fn halves_round_to_even_and_zero_has_no_sign() {
        assert_eq!([round(0.5), round(1.5), round(2.5), round(-1.5)], [0.0, 2.0, 2.0, -2.0]);
        assert_eq!([round_to_tenth(0.25), round_to_tenth(0.75), round_to_tenth(0.27)], [0.2, 0.8, 0.3]);
        assert!(round(-0.03).is_sign_positive());
    }
}
