//! Partial sums put together.

use super::accumulator::Accumulator;
use super::partial_sums::PartialSums;
use crate::Result;

impl PartialSums {
    /// Adds up `parts`, one at a time; their order does not matter.
    pub fn merge(parts: impl IntoIterator<Item = Result<Self>>) -> Result<Self> {
        let mut sums = Accumulator::default();
        for part in parts {
            sums.add_partial(&part?)?;
        }
        Ok(sums.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::super::calendar::ReadingMonth;
    use super::super::counts::Counts;
    use super::super::hours::Hours;
    use super::super::partial_sums::Line;
    use super::super::within_hour::{Pairs, WithinHour};
    use super::*;
    use crate::Error;

    fn part(customer: &str, month: &str, elec: f64) -> PartialSums {
        let month = ReadingMonth::parse(month).unwrap();
        let counts = Counts { readings: 9, days: 1, ..Counts::default() }.of_stretch();
        let hours = Hours::of_whole_days(1);
        let (copies, filled) = (Pairs { all: 4, equal: 1 }, Pairs { all: 3, equal: 2 });
        let within_hour = WithinHour { sum: elec, copies, filled };
        let (elec_kwh, gas_m3, rests) = ([elec, 2.0, 3.0], [4.0, 5.0, 6.0], [0.0; 6]);
        let line = Line { customer: 0, month, elec_kwh, gas_m3, rests, counts, hours, within_hour };
        PartialSums {
            rows: 10,
            dropped_rows: 1,
            negative_elec: 2,
            negative_gas: 3,
            customers: vec![customer.to_owned()],
            lines: vec![line],
        }
    }

    #[test]
    fn parts_are_added_up_and_sorted_by_customer_and_month() {
        let parts = [part("C2", "2024-01", 0.1), part("C1", "2024-02", 1.0), part("C1", "2024-01", 1.0)];
        let again = [part("C2", "2024-01", 0.2), part("C2", "2024-01", 0.3)];
        let merged = PartialSums::merge(parts.into_iter().chain(again).map(Ok)).unwrap();
        let lines: Vec<_> = merged.lines.iter().map(|line| (merged.customer(line), line.elec_kwh[0])).collect();
        assert_eq!(lines, [("C1", 1.0), ("C1", 1.0), ("C2", 0.6)]);
        assert_eq!(merged.lines[0].month, ReadingMonth::parse("2024-01").unwrap());
        assert_eq!(merged.lines.iter().map(|line| line.counts.readings).collect::<Vec<_>>(), [9, 9, 27]);
        let within_hour = merged.lines[2].within_hour;
        let (copies, filled) = (Pairs { all: 12, equal: 3 }, Pairs { all: 9, equal: 6 });
        assert_eq!(within_hour, WithinHour { sum: 0.1 + 0.2 + 0.3, copies, filled });
        let counts = [merged.rows, merged.dropped_rows, merged.negative_elec, merged.negative_gas];
        assert_eq!(counts, [50, 5, 10, 15]);
    }

    #[test]
    fn merging_one_part_changes_nothing_and_a_failed_part_fails_the_merge() {
        let one = part("C1", "2024-01", 1.0 / 3.0);
        assert_eq!(PartialSums::merge([Ok(one.clone())]).unwrap(), one);
        assert!(PartialSums::merge([Ok(one), Err(Error::Cancelled)]).is_err());
    }

    #[test]
    fn counts_that_no_readings_can_have_are_an_error() {
        let all = PartialSums { rows: u64::MAX, ..part("C1", "2024-01", 1.0) };
        assert!(PartialSums::merge([Ok(all.clone())]).is_ok());
        let error = PartialSums::merge([Ok(all), Ok(part("C2", "2024-01", 1.0))]).unwrap_err();
        assert!(matches!(error, Error::Data(_)), "{error}");
    }
}
