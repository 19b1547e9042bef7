//! What a number of a reading may be.

use crate::csv::Dialect;
use crate::hourly::columns::{LARGEST_READING, LARGEST_READING_RULE};

/// Whole numbers of so many digits, and powers of ten up to them, are exact in floating point; so their quotient is
/// rounded once, as a parser rounds (W. D. Clinger, How to read floating point numbers accurately, 1990).
const EXACT_DIGITS: usize = 15;
const POWERS: [f64; EXACT_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The number in a field; none in an empty one.
pub(super) fn number(text: &str, dialect: Dialect) -> Result<Option<f64>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    let value: Result<f64, _> = match dialect {
        Dialect::Comma => text.parse(),
        Dialect::Semicolon => dialect.plain_number(text, &mut String::new())?.parse(),
    };
    let value = value.map_err(|_| "not a number (with a decimal point, or a decimal comma between semicolons)")?;
    // Written so that what is not a number fails.
    if value.abs() <= LARGEST_READING { Ok(Some(value)) } else { Err(LARGEST_READING_RULE) }
}

/// The number that stands at the start of a line's rest, and how many bytes it has, where it is a field like `12` or
/// `-0.125` and has few digits; [`number`] says the same of the field.
#[inline]
pub(super) fn plain_decimal(text: &[u8], dialect: Dialect) -> Option<(f64, usize)> {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let (mut digits, whole) = leading_digits(0, unsigned);
    let mut behind = unsigned.get(whole..)?;
    let mut decimals = 0;
    if let Some(fraction) = behind.strip_prefix(&[dialect.decimal_sign()]) {
        (digits, decimals) = leading_digits(digits, fraction);
        if decimals == 0 {
            return None;
        }
        behind = fraction.get(decimals..)?;
    }
    let end = *behind.first()?;
    let ends = end == dialect.separator() || end == b'\n' || end == b'\r';
    if !ends || whole == 0 || whole + decimals > EXACT_DIGITS {
        return None;
    }
    let size = digits as f64 / POWERS[decimals];
    let value = if unsigned.len() < text.len() { -size } else { size };
    (size <= LARGEST_READING).then_some((value, text.len() - behind.len()))
}

/// Digits behind those of `before`, and how many there are; too many of them come to nothing useful.
#[inline]
fn leading_digits(before: u64, text: &[u8]) -> (u64, usize) {
    let (mut number, mut count) = (before, 0);
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        count += 1;
    }
    (number, count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(field: &str, dialect: Dialect) -> Option<f64> {
        let line = format!("{field}{}7", char::from(dialect.separator()));
        let (value, bytes) = plain_decimal(line.as_bytes(), dialect)?;
        assert_eq!(bytes, field.len());
        Some(value)
    }

    #[test]
    fn a_plain_decimal_is_read_to_the_last_bit() {
        for field in ["0", "-0", "12", "0.125", "-3.14159", "007.50", "0.1", "999999.999999999", "1000000"] {
            let value = plain(field, Dialect::Comma).unwrap();
            assert_eq!(value.to_bits(), field.parse::<f64>().unwrap().to_bits(), "{field}");
            assert_eq!(plain(&field.replace('.', ","), Dialect::Semicolon), Some(value), "{field}");
        }
        assert_eq!(plain_decimal(b"1.5\r\n", Dialect::Comma), Some((1.5, 3)));
    }

    #[test]
    fn anything_else_is_for_the_parser() {
        for field in ["", "-", "+1", "1.", ".5", "1e3", "1.5 ", " 1", "1.5kWh", "nan", "inf", "1000001", "1;5"] {
            assert_eq!(plain(field, Dialect::Comma), None, "{field}");
        }
        assert_eq!(plain("0.3000000000000001", Dialect::Comma), None, "17 digits");
        assert_eq!(plain("1.5", Dialect::Semicolon), None);
        assert_eq!(plain_decimal(b"1.5", Dialect::Comma), None, "cut off");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn both_ways_say_the_same(field in "-?[0-9]{1,9}(\\.[0-9]{1,9})?") {
            if let Some(value) = plain(&field, Dialect::Comma) {
                let parsed = number(&field, Dialect::Comma).unwrap().unwrap();
                prop_assert_eq!(value.to_bits(), parsed.to_bits());
            }
        }
    }
}
