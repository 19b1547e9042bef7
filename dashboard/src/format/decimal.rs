//! Counts, measures, money and shares. Forms: CLDR 48, `numbers` of `en-GB` and `es`; Spanish groups from five digits
//! (`minimumGroupingDigits` is 2). A number that is not finite is shown as not known.

use super::Format;
use crate::words::{Language, Word};

/// Between a number and its unit no line ends.
const NO_BREAK: char = '\u{a0}';

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// Only of what is below 0.
    Negative,
    /// Of all but 0.
    Both,
}

impl Format {
    /// `1,234` or `1234`; `20,099` or `20.099`.
    pub fn count(self, count: u64) -> String {
        self.grouped(&count.to_string())
    }

    /// A measure with this many digits behind the point.
    pub fn number(self, value: f64, digits: usize) -> String {
        self.decimal(value, digits, Sign::Negative)
    }

    /// A difference: `+31`, `-0.48`, `0`.
    pub fn signed(self, value: f64, digits: usize) -> String {
        self.decimal(value, digits, Sign::Both)
    }

    /// Euros without cents, for sums: `€19,345` or `19.345 €`.
    pub fn eur(self, value: f64) -> String {
        self.money(value, 0, Sign::Negative)
    }

    /// Euros with cents, for one customer: `€170.85` or `170,85 €`.
    pub fn eur_cents(self, value: f64) -> String {
        self.money(value, 2, Sign::Negative)
    }

    /// A difference of sums: `+€31` or `+31 €`.
    pub fn eur_signed(self, value: f64) -> String {
        self.money(value, 0, Sign::Both)
    }

    /// A share of 1 as percent with one digit: `45.3%` or `45,3 %`.
    pub fn percent(self, share: f64) -> String {
        self.percent_digits(share, 1)
    }

    /// A share of 1 as percent with this many digits.
    pub fn percent_digits(self, share: f64, digits: usize) -> String {
        if !share.is_finite() {
            return self.not_known();
        }
        let number = self.decimal(100.0 * share, digits, Sign::Negative);
        match self.0 {
            Language::En => format!("{number}%"),
            Language::Es => format!("{number}{NO_BREAK}%"),
        }
    }

    /// A difference of two shares of 1, in percentage points: `+0.3 pp`.
    pub fn points(self, difference: f64) -> String {
        if !difference.is_finite() {
            return self.not_known();
        }
        let number = self.decimal(100.0 * difference, 1, Sign::Both);
        format!("{number}{NO_BREAK}{}", self.0.say(Word::FormatPoints))
    }

    /// How far a share of 1 went where both shares stand beside it as percent: the difference of what is shown. Whoever
    /// reads 3.6 % and 4.0 % takes `+0.3 pp` for a slip, and one more digit on the difference alone would look exact
    /// beside two that are not. Files have all three unrounded.
    pub fn points_between(self, then: f64, now: f64) -> String {
        self.points(Self::share_as_shown(now) - Self::share_as_shown(then))
    }

    /// A share of 1 as its percent is shown.
    pub fn share_as_shown(share: f64) -> f64 {
        // By the same rounding as the text.
        format!("{:.1}", 100.0 * share).parse::<f64>().map_or(f64::NAN, |percent| percent / 100.0)
    }

    /// A measure of a model with three digits: `0.750`.
    pub fn score(self, value: f64) -> String {
        self.number(value, 3)
    }

    /// A measure of a model with its interval: `0.750 (0.705–0.792)`.
    pub fn score_interval(self, value: f64, low: f64, high: f64) -> String {
        format!("{} ({})", self.score(value), self.range(&self.score(low), &self.score(high)))
    }

    /// From one value to another, as already shown: `0.705–0.792` or `0,705-0,792`.
    pub fn range(self, low: &str, high: &str) -> String {
        match self.0 {
            Language::En => format!("{low}–{high}"),
            Language::Es => format!("{low}-{high}"),
        }
    }

    /// A p-value: three digits, or `<0.001`.
    pub fn p_value(self, value: f64) -> String {
        if (0.0..0.001).contains(&value) {
            return format!("<{}", self.number(0.001, 3));
        }
        self.number(value, 3)
    }

    /// A number of bytes in the unit that fits: `2.1 MB`.
    pub fn bytes(self, bytes: u64) -> String {
        const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
        let unit = UNITS.into_iter().find(|(unit, _)| bytes >= *unit);
        let (number, unit) = unit.map_or_else(
            || (self.count(bytes), "B"),
            |(unit, name)| (self.number(bytes as f64 / unit as f64, 1), name),
        );
        format!("{number}{NO_BREAK}{unit}")
    }

    /// A number of something, on one line with its unit: `412 kWh`.
    pub fn with_unit(self, number: &str, unit: &str) -> String {
        format!("{number}{NO_BREAK}{unit}")
    }

    fn not_known(self) -> String {
        self.0.say(Word::FormatUnknown).to_owned()
    }

    fn money(self, value: f64, digits: usize, sign: Sign) -> String {
        if !value.is_finite() {
            return self.not_known();
        }
        let number = self.decimal(value, digits, sign);
        match self.0 {
            Language::En => {
                let bare = number.trim_start_matches(['+', '-']);
                format!("{}€{bare}", &number[..number.len() - bare.len()])
            }
            Language::Es => format!("{number}{NO_BREAK}€"),
        }
    }

    fn decimal(self, value: f64, digits: usize, sign: Sign) -> String {
        if !value.is_finite() {
            return self.not_known();
        }
        let bare = format!("{:.digits$}", value.abs());
        let (whole, part) = bare.split_once('.').unwrap_or((&bare, ""));
        let zero = bare.bytes().all(|sign| matches!(sign, b'0' | b'.'));
        let sign = match sign {
            _ if zero => "",
            _ if value < 0.0 => "-",
            Sign::Both => "+",
            Sign::Negative => "",
        };
        let whole = self.grouped(whole);
        if part.is_empty() {
            return format!("{sign}{whole}");
        }
        let point = match self.0 {
            Language::En => '.',
            Language::Es => ',',
        };
        format!("{sign}{whole}{point}{part}")
    }

    /// Digits with their separators.
    fn grouped(self, digits: &str) -> String {
        let (separator, from) = match self.0 {
            Language::En => (',', 4),
            Language::Es => ('.', 5),
        };
        if digits.len() < from {
            return digits.to_owned();
        }
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Format = Format(Language::En);
    const ES: Format = Format(Language::Es);

    /// Compared with what a browser's `Intl.NumberFormat` answers for `en-GB` and `es-ES`.
    #[test]
    fn numbers_have_the_forms_of_cldr() {
        assert_eq!([EN.count(999), EN.count(1234), EN.count(1_234_567)], ["999", "1,234", "1,234,567"]);
        assert_eq!([ES.count(999), ES.count(1234), ES.count(12_345)], ["999", "1234", "12.345"]);
        assert_eq!([ES.number(1234.56, 2), ES.number(12_345.67, 2)], ["1234,56", "12.345,67"]);
        assert_eq!([EN.number(12_345.67, 2), EN.number(-0.5, 1)], ["12,345.67", "-0.5"]);
        assert_eq!([EN.percent(0.453), ES.percent(0.453)], ["45.3%", "45,3\u{a0}%"]);
        assert_eq!([EN.eur(-1_234_567.0), ES.eur(-1_234_567.0)], ["-€1,234,567", "-1.234.567\u{a0}€"]);
        assert_eq!([EN.eur_cents(1234.5), ES.eur_cents(1234.5)], ["€1,234.50", "1234,50\u{a0}€"]);
        assert_eq!([EN.eur_signed(31.0), ES.eur_signed(31.0)], ["+€31", "+31\u{a0}€"]);
        assert_eq!([EN.signed(31.0, 0), EN.signed(-0.48, 2), EN.signed(0.0, 1)], ["+31", "-0.48", "0.0"]);
    }

    #[test]
    fn what_rounds_to_zero_has_no_sign() {
        assert_eq!([EN.number(-0.004, 2), EN.signed(0.004, 2), EN.eur(-0.3)], ["0.00", "0.00", "€0"]);
    }

    #[test]
    fn a_measure_stands_with_its_interval() {
        assert_eq!(EN.score_interval(0.75, 0.705, 0.792), "0.750 (0.705–0.792)");
        assert_eq!(ES.score_interval(0.75, 0.705, 0.792), "0,750 (0,705-0,792)");
    }

    #[test]
    fn a_difference_does_not_contradict_the_shares_beside_it() {
        let (then, now) = (0.0364, 0.0396);
        assert_eq!([EN.percent(then), EN.percent(now)], ["3.6%", "4.0%"]);
        assert_eq!(EN.points(now - then), "+0.3\u{a0}pp");
        assert_eq!(EN.points_between(then, now), "+0.4\u{a0}pp");
        assert_eq!(EN.points_between(0.0396, 0.0404), "0.0\u{a0}pp", "what looks the same has not changed");
        assert_eq!(EN.points_between(f64::NAN, now), "n/a");
    }

    #[test]
    fn a_small_p_value_is_below_a_limit() {
        assert_eq!([EN.p_value(0.000_9), EN.p_value(0.001), ES.p_value(0.0)], ["<0.001", "0.001", "<0,001"]);
    }

    #[test]
    fn what_is_no_number_is_not_known() {
        assert_eq!([EN.eur(f64::NAN), EN.percent(f64::INFINITY), EN.p_value(f64::NAN)], ["n/a"; 3]);
        assert_eq!([ES.score(f64::NAN), ES.points(f64::NAN)], ["n/d"; 2]);
    }

    #[test]
    fn bytes_are_shown_in_the_unit_that_fits() {
        assert_eq!([EN.bytes(999), EN.bytes(2_140_000), ES.bytes(1_500)], ["999\u{a0}B", "2.1\u{a0}MB", "1,5\u{a0}kB"]);
    }
}
