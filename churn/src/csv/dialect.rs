//! How a CSV file writes fields and numbers: as most of the world does, or as a Spanish Excel does.

/// The separator and the decimal sign go together: a file that mixes them may mean anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Fields are separated by commas, numbers have a decimal point.
    Comma,
    /// Fields are separated by semicolons, numbers have a decimal comma: Spain's normal export.
    Semicolon,
}

/// A number with a point in a file with semicolons: one and a half, or fifteen hundred?
const POINT_AMONG_SEMICOLONS: &str = "a decimal point in a file whose fields are separated by `;`: either semicolons \
                                      with a decimal comma, or commas with a decimal point";

/// The same where a decimal comma stands beside it.
const THOUSANDS: &str = "a thousands separator: of `1.150,00` write `1150,00`, with a decimal comma and nothing else";

impl Dialect {
    pub const ALL: [Self; 2] = [Self::Comma, Self::Semicolon];

    /// What stands between fields.
    pub fn separator(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
        }
    }

    /// What stands before the fraction of a number.
    pub fn decimal_sign(self) -> u8 {
        match self {
            Self::Comma => b'.',
            Self::Semicolon => b',',
        }
    }

    /// A number as Rust reads it; `buffer` holds it where it must be written anew. What is no number is for the caller
    /// to find out.
    pub fn plain_number<'a>(self, text: &'a str, buffer: &'a mut String) -> Result<&'a str, &'static str> {
        if self == Self::Comma {
            return Ok(text);
        }
        if text.contains('.') && text.contains(',') {
            return Err(THOUSANDS);
        }
        if text.contains('.') {
            return Err(POINT_AMONG_SEMICOLONS);
        }
        if !text.contains(',') {
            return Ok(text);
        }
        buffer.clear();
        buffer.extend(text.chars().map(|letter| if letter == ',' { '.' } else { letter }));
        Ok(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_only_as_its_dialect_writes_it() {
        let mut buffer = String::new();
        let mut plain = |dialect: Dialect, text: &str| dialect.plain_number(text, &mut buffer).map(str::to_owned);
        assert_eq!(plain(Dialect::Comma, "1.5"), Ok("1.5".to_owned()));
        assert_eq!(plain(Dialect::Semicolon, "1,5"), Ok("1.5".to_owned()));
        assert_eq!(plain(Dialect::Semicolon, "-12"), Ok("-12".to_owned()));
        // Thousand and a half as Spain writes it: the point alone could be a decimal one.
        for text in ["1.5", "1.000,5", "1.000"] {
            assert!(plain(Dialect::Semicolon, text).unwrap_err().contains("decimal comma"), "{text}");
        }
        assert!(plain(Dialect::Semicolon, "1.150,00").unwrap_err().contains("thousands separator"));
        // Two decimal commas are no number for anybody who parses it.
        assert_eq!(plain(Dialect::Semicolon, "1,2,3"), Ok("1.2.3".to_owned()));
    }
}
