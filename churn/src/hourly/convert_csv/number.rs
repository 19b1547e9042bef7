//! What a number of a reading may be.

use crate::csv::Dialect;
use crate::hourly::columns::{LARGEST_READING, LARGEST_READING_RULE};

/// So many digits fit into 64 bits.
const MOST_DIGITS: usize = 19;
/// Whole numbers up to it are exact in floating point, and so are the powers of ten below.
const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
const POWERS: [u64; MOST_DIGITS + 1] = powers_of_ten();

const fn powers_of_ten() -> [u64; MOST_DIGITS + 1] {
    let mut powers = [1; MOST_DIGITS + 1];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
}

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
/// `-0.125`; [`number`] says the same of the field.
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
    if !ends || whole == 0 || whole + decimals > MOST_DIGITS {
        return None;
    }
    let size = decimal(digits, decimals);
    let value = if unsigned.len() < text.len() { -size } else { size };
    (size <= LARGEST_READING).then_some((value, text.len() - behind.len()))
}

/// The number of these digits, of which so many are decimals, rounded once, as a parser rounds.
#[inline]
fn decimal(digits: u64, decimals: usize) -> f64 {
    let power = POWERS[decimals];
    // A quotient of exact numbers is rounded once (W. D. Clinger, How to read floating point numbers accurately, 1990).
    if digits <= EXACT {
        return digits as f64 / power as f64;
    }
    // As a whole number of 62 bits or more, of which the last one also stands for all that is left of the division, it is
    // rounded as the quotient itself is.
    let shift = digits.leading_zeros() + 62 - power.leading_zeros().min(62);
    let (shifted, power) = (u128::from(digits) << shift, u128::from(power));
    let whole = shifted / power;
    let is_more = whole * power != shifted;
    (whole as u64 | u64::from(is_more)) as f64 * power_of_two(-i64::from(shift))
}

/// 2 to a power that is not far from 0, put together from its bits.
#[inline]
fn power_of_two(power: i64) -> f64 {
    const BIAS: i64 = f64::MAX_EXP as i64 - 1;
    f64::from_bits(((BIAS + power) as u64) << (f64::MANTISSA_DIGITS - 1))
}

/// Digits behind those of `before`, and how many there are; too many of them come to nothing useful.
#[inline]
fn leading_digits(before: u64, text: &[u8]) -> (u64, usize) {
    let (mut number, mut count) = (before, 0);
    while let Some(eight) = text[count..].first_chunk().copied().and_then(eight_digits) {
        number = number.wrapping_mul(100_000_000).wrapping_add(eight);
        count += 8;
    }
    for byte in &text[count..] {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        count += 1;
    }
    (number, count)
}

/// The number of eight digits, all of which are looked at and put together at once: first two by two, then four by four.
#[inline]
fn eight_digits(text: [u8; 8]) -> Option<u64> {
    const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);
    const TOP_BITS: u64 = u64::from_le_bytes([0x80; 8]);
    // Added to a digit it leaves the top bit as it is, added to a greater byte it sets it.
    const ABOVE_NINE: u64 = u64::from_le_bytes([0x7f - b'9'; 8]);
    let bytes = u64::from_le_bytes(text);
    let digits = bytes.wrapping_sub(ZEROS);
    if (bytes.wrapping_add(ABOVE_NINE) | digits | bytes) & TOP_BITS != 0 {
        return None;
    }
    let twos = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (twos.wrapping_mul(100).wrapping_add(twos >> 16)) & 0x0000_ffff_0000_ffff;
    Some((fours.wrapping_mul(10_000).wrapping_add(fours >> 32)) & 0xffff_ffff)
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
        for field in [
            "0",
            "-0",
            "12",
            "0.125",
            "-3.14159",
            "007.50",
            "0.1",
            "999999.999999999",
            "1000000",
            "0.14259583662518305",
            "0.3000000000000001",
            "999999.9999999999999",
        ] {
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
        assert_eq!(plain("0.3000000000000000001", Dialect::Comma), None, "20 digits");
        assert_eq!(plain("1.5", Dialect::Semicolon), None);
        assert_eq!(plain_decimal(b"1.5", Dialect::Comma), None, "cut off");
    }

    #[test]
    fn eight_digits_are_told_from_all_else() {
        assert_eq!(eight_digits(*b"00000000"), Some(0));
        assert_eq!(eight_digits(*b"12345678"), Some(12_345_678));
        assert_eq!(eight_digits(*b"99999999"), Some(99_999_999));
        for place in 0..8 {
            for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_digit()) {
                let mut text = *b"10203049";
                text[place] = byte;
                assert_eq!(eight_digits(text), None, "{text:?}");
            }
        }
    }

    #[test]
    fn a_number_halfway_between_two_is_rounded_to_the_even_one() {
        for field in [
            "9007199254740993",
            "9007199254740995",
            "900719925474099.30",
            "1.00000000000000011",
            "0.5000000000000000555",
        ] {
            let value: f64 = field.parse().unwrap();
            let decimals = field.len() - field.find('.').map_or(field.len(), |at| at + 1);
            let digits = field.replace('.', "").parse().unwrap();
            assert_eq!(decimal(digits, decimals).to_bits(), value.to_bits(), "{field}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn both_ways_say_the_same(field in "-?[0-9]{1,7}(\\.[0-9]{1,18})?") {
            if let Some(value) = plain(&field, Dialect::Comma) {
                let parsed = number(&field, Dialect::Comma).unwrap().unwrap();
                prop_assert_eq!(value.to_bits(), parsed.to_bits());
            }
        }
    }
}
