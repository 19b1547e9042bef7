//! What a column is held against when time has passed: features that move with the calendar say nothing of the world.

use std::collections::BTreeMap;

use crate::features::Calendar;
use crate::month::Month;
use crate::snapshot_date::SnapshotDate;

/// Days of an average month, as the features have it.
const DAYS_PER_MONTH: f64 = 30.44;

/// How a column of today is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Held {
    /// Against the reference, as it is.
    AsIs,
    /// Against the reference, after so many months are taken off; below 0 today is the earlier one.
    After(f64),
    /// Against the table of the same calendar month.
    OfSameMonth,
    /// Against the reference, and not counted.
    NotCounted,
}

/// When both sides were looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dates {
    /// The reference; nothing where nobody noted it.
    pub then: Option<SnapshotDate>,
    /// Today.
    pub now: Option<SnapshotDate>,
    /// Whether there is a table of the same calendar month.
    pub has_same_month: bool,
    /// Dates that are no more days apart count as one.
    pub same_date_days: u32,
}

impl Dates {
    /// How a feature is compared.
    pub fn hold(&self, behaviour: Calendar) -> Held {
        if behaviour == Calendar::Still {
            return Held::AsIs;
        }
        let (Some(then), Some(now)) = (self.then, self.now) else { return Held::NotCounted };
        let days = (now.date() - then.date()).num_days();
        let is_same_date = days.unsigned_abs() <= u64::from(self.same_date_days);
        match behaviour {
            Calendar::Still => Held::AsIs,
            Calendar::Moves | Calendar::AgesInMonths if is_same_date => Held::AsIs,
            Calendar::Moves => Held::NotCounted,
            Calendar::AgesInMonths => match (days as f64 / DAYS_PER_MONTH).round() {
                0.0 => Held::AsIs,
                months => Held::After(months),
            },
            Calendar::Seasonal if is_same_month(then, now) => Held::AsIs,
            Calendar::Seasonal => self.by_month(),
        }
    }

    /// How the prediction is compared: it moves with what it is made of.
    pub fn hold_prediction(&self, mut features: impl Iterator<Item = Calendar>) -> Held {
        if features.all(|behaviour| self.hold(behaviour) == Held::AsIs) { Held::AsIs } else { self.by_month() }
    }

    fn by_month(&self) -> Held {
        if self.has_same_month { Held::OfSameMonth } else { Held::NotCounted }
    }
}

/// Whether the last complete month of both is the same month of a year: then the same twelve months of a year are in view.
pub fn is_same_month(a: SnapshotDate, b: SnapshotDate) -> bool {
    Month::last_complete(a).of_year() == Month::last_complete(b).of_year()
}

/// Values of both sides after so many months are taken off the later one. Who came in between was not there before, and
/// is left out.
pub(super) fn aligned(reference: &[f64], current: &[f64], months: f64) -> (Vec<f64>, Vec<f64>) {
    let younger =
        |values: &[f64], by: f64| values.iter().filter(|value| **value >= by).map(|value| value - by).collect();
    if months < 0.0 {
        return (younger(reference, -months), current.to_vec());
    }
    (reference.to_vec(), younger(current, months))
}

/// How a column depends on the date; one that nobody declared does not.
pub(super) fn behaviour(calendar: &BTreeMap<String, Calendar>, column: &str) -> Calendar {
    calendar.get(column).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(then: &str, now: &str, has_same_month: bool) -> Dates {
        let date = |text| SnapshotDate::parse(text).ok();
        Dates { then: date(then), now: date(now), has_same_month, same_date_days: 3 }
    }

    #[test]
    fn a_month_later_only_what_stands_still_or_ages_exactly_is_compared_with_the_training() {
        let later = dates("2024-12-31", "2025-01-31", false);
        assert_eq!(later.hold(Calendar::Still), Held::AsIs);
        assert_eq!(later.hold(Calendar::AgesInMonths), Held::After(1.0));
        assert_eq!(later.hold(Calendar::Moves), Held::NotCounted);
        assert_eq!(later.hold(Calendar::Seasonal), Held::NotCounted);
        assert_eq!(later.hold_prediction([Calendar::Still, Calendar::Moves].into_iter()), Held::NotCounted);
        assert_eq!(later.hold_prediction([Calendar::Still].into_iter()), Held::AsIs);
    }

    #[test]
    fn like_months_are_compared_with_like_months_once_there_are_some() {
        let with_history = dates("2024-12-31", "2025-10-31", true);
        assert_eq!(with_history.hold(Calendar::Seasonal), Held::OfSameMonth);
        assert_eq!(with_history.hold(Calendar::Moves), Held::NotCounted, "contracts are not in season");
        assert_eq!(with_history.hold_prediction([Calendar::Seasonal].into_iter()), Held::OfSameMonth);
        let a_year_later = dates("2024-12-31", "2025-12-31", false);
        assert_eq!(a_year_later.hold(Calendar::Seasonal), Held::AsIs);
        assert_eq!(a_year_later.hold(Calendar::AgesInMonths), Held::After(12.0));
    }

    #[test]
    fn days_of_the_same_month_have_the_same_months_in_view() {
        let in_january = dates("2024-12-31", "2025-01-20", false);
        assert_eq!(in_january.hold(Calendar::Seasonal), Held::AsIs, "the last complete month is December");
        assert_eq!(in_january.hold(Calendar::Moves), Held::NotCounted);
        assert_eq!(dates("2024-12-31", "2025-01-03", false).hold(Calendar::Moves), Held::AsIs);
        assert_eq!(dates("2024-12-31", "2025-01-04", false).hold(Calendar::Moves), Held::NotCounted);
        assert_eq!(dates("2024-12-31", "2024-12-29", false).hold(Calendar::AgesInMonths), Held::AsIs);
    }

    #[test]
    fn what_nobody_knows_the_date_of_is_not_counted_but_for_what_stands_still() {
        let unknown = Dates { then: None, ..dates("2024-12-31", "2024-12-31", true) };
        assert_eq!(unknown.hold(Calendar::Still), Held::AsIs);
        for behaviour in [Calendar::Moves, Calendar::AgesInMonths, Calendar::Seasonal] {
            assert_eq!(unknown.hold(behaviour), Held::NotCounted);
        }
    }

    #[test]
    fn who_came_in_between_is_left_out() {
        assert_eq!(aligned(&[0.0, 5.0], &[0.0, 1.0, 2.0, 7.0], 2.0), (vec![0.0, 5.0], vec![0.0, 5.0]));
        assert_eq!(aligned(&[1.0, 2.0, 7.0], &[0.0, 5.0], -2.0), (vec![0.0, 5.0], vec![0.0, 5.0]), "a backfill");
    }
}
