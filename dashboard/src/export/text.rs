//! Rows as text: what stands between cells, what a number looks like, and what a spreadsheet must not take for a formula.

use std::borrow::Cow;

use polars::prelude::{DataFrame, PolarsResult};

use super::cell::{Cell, cell};
use crate::words::Language;

/// Excel takes a file without it for one of its own old alphabets.
const MARK_OF_UTF8: &str = "\u{feff}";
/// A spreadsheet runs a text that begins so (OWASP, "CSV Injection").
const RUNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whose values are names, and no numbers or ranges.
const CUSTOMER: &str = "customer_id";

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    begin: &'static str,
    separator: char,
    decimal: char,
    line_end: &'static str,
}

impl Dialect {
    /// For programs.
    pub const PLAIN: Self = Self { begin: "", separator: ',', decimal: '.', line_end: "\n" };

    /// For the Excel of a language.
    pub fn excel(language: Language) -> Self {
        let decimal = match language {
            Language::Es => ',',
            Language::En => '.',
        };
        Self { begin: MARK_OF_UTF8, separator: ';', decimal, line_end: "\r\n" }
    }

    /// The line of names.
    pub fn head(self, frame: &DataFrame) -> String {
        let mut text = self.begin.to_owned();
        for (place, column) in frame.columns().iter().enumerate() {
            self.separate(place, &mut text);
            self.push_text(column.name(), &mut text);
        }
        text + self.line_end
    }

    /// The lines of some rows.
    pub fn lines(self, frame: &DataFrame, from: usize, to: usize) -> PolarsResult<String> {
        let mut text = String::new();
        for row in from..to.min(frame.height()) {
            for (place, column) in frame.columns().iter().enumerate() {
                self.separate(place, &mut text);
                match cell(&column.get(row)?) {
                    // It is looked for and joined by as it is, whatever Excel makes of it.
                    Cell::Text(id) if column.name().as_str() == CUSTOMER => self.push_text(&id, &mut text),
                    cell => self.push(cell, &mut text),
                }
            }
            text.push_str(self.line_end);
        }
        Ok(text)
    }

    fn separate(self, place: usize, text: &mut String) {
        if place > 0 {
            text.push(self.separator);
        }
    }

    fn push(self, cell: Cell<'_>, text: &mut String) {
        match cell {
            Cell::Unknown => {}
            Cell::Plain(plain) => text.push_str(&plain),
            Cell::Number(number) if self.decimal == '.' => text.push_str(&number),
            Cell::Number(number) => {
                text.extend(number.chars().map(|sign| if sign == '.' { self.decimal } else { sign }));
            }
            Cell::Text(words) => self.push_text(&self.kept_by_excel(&words), text),
        }
    }

    /// A text that Excel would take for a day: `8-16` is the 8th of some month, and where decimals have a comma `1.5` is
    /// the 1st of May. A range gets the longer dash, which no day has, and a decimal becomes a number of the language. A
    /// quote before it would be shown, and a formula around it refused by the next program.
    fn kept_by_excel(self, words: &str) -> Cow<'_, str> {
        if !self.begin.is_empty() && is_range(words) {
            return Cow::Owned(words.replace('-', "–"));
        }
        if self.decimal != '.' && is_decimal(words) {
            return Cow::Owned(words.chars().map(|sign| if sign == '.' { self.decimal } else { sign }).collect());
        }
        Cow::Borrowed(words)
    }

    /// A text, made harmless, in quotes where it needs them.
    fn push_text(self, words: &str, text: &mut String) {
        let harmless = if words.starts_with(RUNS) { format!("'{words}") } else { words.to_owned() };
        if harmless.contains([self.separator, '"', '\n', '\r']) {
            text.push('"');
            text.push_str(&harmless.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&harmless);
        }
    }
}

/// Two whole numbers; a year and a month are no range, and neither is a date.
fn is_range(words: &str) -> bool {
    words.split_once('-').is_some_and(|(low, high)| low.len() <= 3 && high.len() <= 4 && are_digits([low, high]))
}

fn is_decimal(words: &str) -> bool {
    words.split_once('.').is_some_and(|(whole, part)| are_digits([whole, part]))
}

fn are_digits(parts: [&str; 2]) -> bool {
    parts.iter().all(|part| !part.is_empty() && part.bytes().all(|sign| sign.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use polars::df;
    use proptest::prelude::*;

    use super::*;

    fn written(frame: &DataFrame, dialect: Dialect) -> String {
        dialect.head(frame) + &dialect.lines(frame, 0, frame.height()).unwrap()
    }

    fn frame() -> DataFrame {
        df!(
            "customer_id" => ["c1", "=1+1", "a;b\"c"],
            "churn_proba" => [Some(0.25), Some(-1.5), None],
            "has_interaction" => [true, false, true],
            "rows" => [1_i64, -2, 3],
        )
        .unwrap()
    }

    #[test]
    fn programs_get_raw_names_and_points() {
        assert_eq!(
            written(&frame(), Dialect::PLAIN),
            "customer_id,churn_proba,has_interaction,rows\n\
             c1,0.25,true,1\n'=1+1,-1.5,false,-2\n\"a;b\"\"c\",,true,3\n"
        );
    }

    #[test]
    fn a_spanish_excel_gets_its_mark_semicolons_and_commas() {
        assert_eq!(
            written(&frame(), Dialect::excel(Language::Es)),
            "\u{feff}customer_id;churn_proba;has_interaction;rows\r\n\
             c1;0,25;true;1\r\n'=1+1;-1,5;false;-2\r\n\"a;b\"\"c\";;true;3\r\n"
        );
        assert!(written(&frame(), Dialect::excel(Language::En)).contains("c1;0.25;true;1\r\n"));
    }

    #[test]
    fn no_range_and_no_decimal_becomes_a_day_in_excel() {
        let texts = ["8-16", "2024-12", "2024-12-31", "6-12m", "1.5", "1.5.2"];
        let frame = df!("values" => texts).unwrap();
        let es = written(&frame, Dialect::excel(Language::Es));
        assert_eq!(es, "\u{feff}values\r\n8–16\r\n2024-12\r\n2024-12-31\r\n6-12m\r\n1,5\r\n1.5.2\r\n");
        assert!(
            written(&frame, Dialect::excel(Language::En)).contains("8–16\r\n2024-12\r\n2024-12-31\r\n6-12m\r\n1.5")
        );
        assert_eq!(
            written(&frame, Dialect::PLAIN),
            format!("values\n{}\n", texts.join("\n")),
            "programs get it as it is"
        );
    }

    #[test]
    fn an_id_that_looks_like_a_range_or_a_number_stays_as_it_is() {
        let frame = df!("customer_id" => ["12-34", "123.45"]).unwrap();
        assert_eq!(written(&frame, Dialect::excel(Language::Es)), "\u{feff}customer_id\r\n12-34\r\n123.45\r\n");
    }

    proptest! {
        #[test]
        fn no_text_becomes_a_formula_and_every_text_comes_back(words in "\\PC{0,20}|[=+@\t\r\n\";,-][ -~]{0,10}") {
            for dialect in [Dialect::PLAIN, Dialect::excel(Language::Es)] {
                let mut text = String::new();
                dialect.push_text(&words, &mut text);
                let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
                let read = quoted.map_or_else(|| text.clone(), |quoted| quoted.replace("\"\"", "\""));
                prop_assert!(!read.starts_with(RUNS), "{read:?}");
                prop_assert_eq!(read.strip_prefix('\'').filter(|_| words.starts_with(RUNS)).unwrap_or(&read), words.as_str());
            }
        }
    }
}
