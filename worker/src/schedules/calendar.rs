//! When: five fields of a cron line, or the same by name, as the ranges that the server keeps.
//!
//! The server turns a cron line into such ranges by itself; doing it here makes what is wanted and what is there the
//! same kind of thing, so that they can be compared.

use serde::Deserialize;
use temporalio_common::protos::temporal::api::schedule::v1::{Range, StructuredCalendarSpec};

/// When, by name; a field takes `*`, `5`, `1-5`, `*/10`, `0-30/5`, and several of these joined by commas.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// The minute, 0 to 59; 0 when absent.
    #[serde(default = "zero")]
    pub minute: String,
    /// The hour, 0 to 23; 0 when absent.
    #[serde(default = "zero")]
    pub hour: String,
    /// The day of the month, 1 to 31; any when absent.
    #[serde(default = "any")]
    pub day_of_month: String,
    /// The month, 1 to 12 or jan to dec; any when absent.
    #[serde(default = "any")]
    pub month: String,
    /// The day of the week, 0 to 6 (0 is Sunday) or sun to sat; any when absent.
    #[serde(default = "any")]
    pub day_of_week: String,
}

fn zero() -> String {
    "0".to_owned()
}

fn any() -> String {
    "*".to_owned()
}

/// A field: its name, its bounds, and the words for its numbers from the lower bound on.
struct Field {
    name: &'static str,
    from: i32,
    to: i32,
    words: &'static [&'static str],
}

const MINUTE: Field = Field { name: "minute", from: 0, to: 59, words: &[] };
const HOUR: Field = Field { name: "hour", from: 0, to: 23, words: &[] };
const DAY_OF_MONTH: Field = Field { name: "day_of_month", from: 1, to: 31, words: &[] };
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH: Field = Field { name: "month", from: 1, to: 12, words: &MONTHS };
// As in cron, 7 is Sunday too.
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const DAY_OF_WEEK: Field = Field { name: "day_of_week", from: 0, to: 7, words: &DAYS };

/// The times of a cron line of five fields.
pub fn of_cron(line: &str) -> Result<StructuredCalendarSpec, String> {
    let fields: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
    let Ok([minute, hour, day_of_month, month, day_of_week]) = <[String; 5]>::try_from(fields) else {
        return Err(format!("cron must have five fields (minute hour day_of_month month day_of_week), not `{line}`"));
    };
    Calendar { minute, hour, day_of_month, month, day_of_week }.times()
}

impl Calendar {
    /// The times as ranges.
    pub fn times(&self) -> Result<StructuredCalendarSpec, String> {
        Ok(StructuredCalendarSpec {
            second: vec![Range { start: 0, end: 0, step: 1 }],
            minute: MINUTE.ranges(&self.minute)?,
            hour: HOUR.ranges(&self.hour)?,
            day_of_month: DAY_OF_MONTH.ranges(&self.day_of_month)?,
            month: MONTH.ranges(&self.month)?,
            day_of_week: DAY_OF_WEEK.ranges(&self.day_of_week)?,
            ..StructuredCalendarSpec::default()
        })
    }
}

impl Field {
    fn ranges(&self, text: &str) -> Result<Vec<Range>, String> {
        let ranges = text.split(',').map(|part| self.range(part)).collect::<Option<Vec<_>>>();
        let example = "write *, 5, 1-5, */10, or several of these joined by commas";
        let ranges = ranges.ok_or_else(|| {
            format!("{} must lie within {} and {}, not `{text}`; {example}", self.name, self.from, self.to)
        })?;
        Ok(if self.name == DAY_OF_WEEK.name { ranges.into_iter().flat_map(sunday_is_zero).collect() } else { ranges })
    }

    fn range(&self, part: &str) -> Option<Range> {
        let (span, step) = match part.split_once('/') {
            Some((span, step)) => (span, step.parse().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let last = if self.name == DAY_OF_WEEK.name { 6 } else { self.to };
        let (start, end) = match span.split_once('-') {
            Some((start, end)) => (self.number(start)?, self.number(end)?),
            None if span == "*" => (self.from, last),
            // As in cron: from there to the end, in steps.
            None if part.contains('/') => (self.number(span)?, last),
            None => (self.number(span)?, self.number(span)?),
        };
        (start <= end).then_some(Range { start, end, step })
    }

    fn number(&self, text: &str) -> Option<i32> {
        let word = self.words.iter().position(|word| word.eq_ignore_ascii_case(text));
        let number = word.map_or_else(|| text.parse().ok(), |place| Some(self.from + place as i32))?;
        (self.from..=self.to).contains(&number).then_some(number)
    }
}

/// A range of days whose 7 is 0.
fn sunday_is_zero(Range { start, end, step }: Range) -> Vec<Range> {
    if end < 7 {
        return vec![Range { start, end, step }];
    }
    let days: Vec<_> = (start..=end).step_by(usize::try_from(step).unwrap_or(1)).map(|day| day % 7).collect();
    days.into_iter().map(|day| Range { start: day, end: day, step: 1 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: i32, end: i32, step: i32) -> Range {
        Range { start, end, step }
    }

    #[test]
    fn a_cron_line_is_ranges() {
        let nightly = of_cron("0 2 * * *").unwrap();
        assert_eq!((nightly.minute, nightly.hour), (vec![range(0, 0, 1)], vec![range(2, 2, 1)]));
        assert_eq!(nightly.day_of_week, [range(0, 6, 1)]);
        let odd = of_cron("*/5 8-18/2,22 1 jan,Mar mon-fri").unwrap();
        assert_eq!(odd.minute, [range(0, 59, 5)]);
        assert_eq!(odd.hour, [range(8, 18, 2), range(22, 22, 1)]);
        assert_eq!((odd.month, odd.day_of_week), (vec![range(1, 1, 1), range(3, 3, 1)], vec![range(1, 5, 1)]));
        assert_eq!(of_cron("0 0 * * 7").unwrap().day_of_week, [range(0, 0, 1)]);
        assert_eq!(of_cron("0 0 * * 6-7").unwrap().day_of_week, [range(6, 6, 1), range(0, 0, 1)]);
        assert_eq!(of_cron("10/20 * * * *").unwrap().minute, [range(10, 59, 20)]);
    }

    #[test]
    fn what_is_no_time_is_told_with_its_field() {
        for (line, field) in [
            ("60 * * * *", "minute"),
            ("0 24 * * *", "hour"),
            ("0 0 0 * *", "day_of_month"),
            ("0 0 * foo *", "month"),
            ("0 0 * * 8", "day_of_week"),
            ("5-1 * * * *", "minute"),
            ("*/0 * * * *", "minute"),
            ("", "five fields"),
        ] {
            let said = of_cron(line).unwrap_err();
            assert!(said.contains(field), "{line}: {said}");
        }
    }
}
