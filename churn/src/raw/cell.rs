//! One cell of text becomes a typed value, or the rule that it breaks.

use chrono::{Datelike, NaiveDate};

use super::unknown_words::is_word;

/// What the cells of a raw column must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellType {
    /// Any text, kept as written.
    Text,
    /// A customer's id: blanks around it are no part of it.
    Id,
    /// 0 or 1 (also written `1.0`, as tools do where a column has gaps).
    Flag,
    /// A whole number of 32 bits.
    Integer,
    /// A finite number with a decimal point.
    Number,
    /// A calendar date `YYYY-MM-DD`.
    Date,
    /// A month `YYYY-MM`, kept as text.
    Month,
}

impl CellType {
    /// Whether its cells are numbers, which dialects write differently.
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Flag | Self::Integer | Self::Number)
    }
}

/// No measure of this business comes near: prices, powers, fees and codes stay far below.
const ABSURD: f64 = 1e9;
/// 1970-01-01 counted from the first day of year 1.
const EPOCH_DAY: i32 = 719_163;

/// The rule a cell breaks, in words.
pub(super) type Rule = &'static str;

pub(super) fn number(text: &str) -> Result<f64, Rule> {
    let value: f64 = text.parse().map_err(|_| not_a_number(text))?;
    if !value.is_finite() {
        return Err("not a finite number");
    }
    if value.abs() > ABSURD {
        return Err("an absurd number, beyond 1,000,000,000");
    }
    Ok(value)
}

fn not_a_number(text: &str) -> Rule {
    if is_word(text) {
        return "not a number (a word for what is not known; leave the cell empty)";
    }
    if text.contains(',') {
        return "not a number (write a decimal point; a decimal comma needs `;` between the fields)";
    }
    "not a number (decimal point, no thousands separator, no unit)"
}

pub(super) fn integer(text: &str) -> Result<i32, Rule> {
    const RULE: Rule = "not a whole number of 32 bits";
    if let Ok(value) = text.parse::<i32>() {
        return Ok(value);
    }
    if is_word(text) {
        return Err("not a whole number of 32 bits (a word for what is not known; leave the cell empty)");
    }
    let value = number(text).map_err(|_| RULE)?;
    if value.fract() == 0.0 { Ok(value as i32) } else { Err(RULE) }
}

pub(super) fn flag(text: &str) -> Result<i32, Rule> {
    match integer(text) {
        Ok(value @ (0 | 1)) => Ok(value),
        _ if is_word(text) => Err("not a flag (0 or 1; a word for what is not known: leave the cell empty)"),
        _ => Err("not a flag (0 or 1)"),
    }
}

/// Days since 1970-01-01.
pub(super) fn date(text: &str) -> Result<i32, Rule> {
    let rule = || not_a_date(text);
    let (month, day) = text.split_at_checked(7).ok_or_else(rule)?;
    let (year, month) = year_month(month).ok_or_else(rule)?;
    let day = day.strip_prefix('-').and_then(two_digits).ok_or_else(rule)?;
    let date = NaiveDate::from_ymd_opt(year, month, day).ok_or_else(rule)?;
    Ok(date.num_days_from_ce() - EPOCH_DAY)
}

/// What is wrong with a text, or the digits of a number, that is no date.
pub(super) fn not_a_date(text: &str) -> Rule {
    if let Some(rule) = not_a_date_but_a_number(text.strip_suffix(".0").unwrap_or(text)) {
        return rule;
    }
    if is_word(text) || text.starts_with("0000-00-00") {
        return "not a date YYYY-MM-DD (it stands for what is not known; leave the cell empty)";
    }
    if let Some((day, time)) = text.split_at_checked(10)
        && !time.is_empty()
        && date(day).is_ok()
    {
        // The midnight of Madrid is the day before in UTC, as JavaScript writes it.
        return if time.ends_with(['Z', 'z']) || time.contains('+') {
            "not a date YYYY-MM-DD (a time of a zone stands behind it, where the day may be another one; deliver the \
             local day alone)"
        } else {
            "not a date YYYY-MM-DD (a time stands behind it; deliver the day alone)"
        };
    }
    if text.contains(['/', '.']) {
        return "not a date YYYY-MM-DD (the year first, and hyphens)";
    }
    "not a date YYYY-MM-DD"
}

/// Dates that were written as numbers, by how many digits those of this century have.
fn not_a_date_but_a_number(digits: &str) -> Option<Rule> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match digits.len() {
        5 => Some(
            "not a date YYYY-MM-DD (it looks like a spreadsheet's number of a day; format the column as YYYY-MM-DD)",
        ),
        8 => Some("not a date YYYY-MM-DD (write hyphens between year, month and day)"),
        // Seconds, and thousandths, millionths and billionths of them.
        10 | 13 | 16 | 19 => Some(
            "not a date YYYY-MM-DD (it looks like the time since 1970, whose day depends on the zone; deliver the local \
             day as text)",
        ),
        _ => None,
    }
}

pub(super) fn month(text: &str) -> Result<&str, Rule> {
    match year_month(text) {
        Some((_, 1..=12)) => Ok(text),
        _ => Err("not a month YYYY-MM"),
    }
}

fn year_month(text: &str) -> Option<(i32, u32)> {
    let (year, month) = text.split_once('-')?;
    let year_is_plain = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    if !year_is_plain {
        return None;
    }
    Some((year.parse().ok()?, two_digits(month)?))
}

fn two_digits(text: &str) -> Option<u32> {
    let is_plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_finite_and_of_a_sane_size() {
        assert_eq!(number("-0.2148"), Ok(-0.2148));
        assert_eq!(number("1e-3"), Ok(0.001));
        for text in ["nan", "NaN", "inf", "-Infinity", "1e999"] {
            assert_eq!(number(text), Err("not a finite number"), "{text}");
        }
        assert!(number("1e12").unwrap_err().contains("absurd"));
        for text in ["4,6", "abc", " 4.6", "1 000", "0x10"] {
            assert!(number(text).unwrap_err().starts_with("not a number"), "{text}");
        }
        assert!(number("4,6").unwrap_err().contains("a decimal comma needs `;`"));
    }

    #[test]
    fn whole_numbers_may_be_written_with_a_zero_fraction() {
        assert_eq!(integer("52"), Ok(52));
        assert_eq!(integer("08"), Ok(8));
        assert_eq!(integer("10.0"), Ok(10));
        for text in ["10.5", "3000000000", "x", "nan"] {
            assert!(integer(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_flag_is_zero_or_one() {
        assert_eq!(flag("0"), Ok(0));
        assert_eq!(flag("1.0"), Ok(1));
        for text in ["2", "-1", "true", "yes", "0.5"] {
            assert_eq!(flag(text), Err("not a flag (0 or 1)"), "{text}");
        }
    }

    #[test]
    fn a_date_is_counted_from_1970_and_must_exist_in_the_calendar() {
        assert_eq!(date("1970-01-01"), Ok(0));
        assert_eq!(date("1969-12-31"), Ok(-1));
        // datetime.date(2024, 2, 29).toordinal() - datetime.date(1970, 1, 1).toordinal() in Python
        assert_eq!(date("2024-02-29"), Ok(19_782));
        for text in
            ["2023-02-29", "2024-13-01", "2024-1-1", "01/02/2024", "2024-01-01 00:00:00", "+024-01-01", "2024", ""]
        {
            assert!(date(text).unwrap_err().starts_with("not a date YYYY-MM-DD"), "{text}");
        }
        assert!(date("2024-0é-01").is_err());
        assert!(date("01/02/2024").unwrap_err().contains("the year first"));
        assert!(date("2024-01-01T00:00:00").unwrap_err().contains("a time stands behind it"));
        for instant in ["2024-10-16T22:00:00.000Z", "2024-10-17T00:00:00+02:00"] {
            assert!(date(instant).unwrap_err().contains("a time of a zone stands behind it"), "{instant}");
        }
    }

    #[test]
    fn of_a_date_that_was_written_as_a_number_the_message_says_which() {
        for text in ["1729116000", "1729116000.0", "1729116000000"] {
            assert!(date(text).unwrap_err().contains("the time since 1970"), "{text}");
        }
        assert!(date("45582").unwrap_err().contains("a spreadsheet's number of a day"));
        assert!(date("20241017").unwrap_err().contains("write hyphens"));
        assert_eq!(date("2024"), Err("not a date YYYY-MM-DD"));
    }

    #[test]
    fn of_a_word_for_what_is_not_known_the_message_says_what_to_write() {
        for text in ["NA", "N/A", "NULL", "-", "#N/A"] {
            let rules = [number(text).unwrap_err(), integer(text).unwrap_err(), flag(text).unwrap_err()];
            for rule in rules.into_iter().chain([date(text).unwrap_err()]) {
                assert!(rule.contains("leave the cell empty"), "{text}: {rule}");
            }
        }
        assert!(date("0000-00-00").unwrap_err().contains("leave the cell empty"));
        assert!(!date("0024-01-31 ").unwrap_err().contains("empty") && !flag("yes").unwrap_err().contains("empty"));
    }

    #[test]
    fn a_month_has_four_and_two_digits() {
        assert_eq!(month("2024-12"), Ok("2024-12"));
        for text in ["2024-13", "2024-00", "2024-1", "24-01", "2024-01-01", "2024/01"] {
            assert!(month(text).is_err(), "{text}");
        }
    }
}
