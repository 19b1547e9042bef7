//! Names of files: what is in one can be said from its name, years later.

use chrono::NaiveDate;

/// So many characters of a version tell models apart.
const VERSION: usize = 8;

/// `spanishgas-risk-2024-12-31-4f90bd8c.csv`: page, date of the rows, model. Whatever could mean something else than a
/// name to a file system or a header is left out.
pub fn file_name(page: &str, as_of: NaiveDate, model: &str, extension: &str) -> String {
    let model: String = plain(model).chars().take(VERSION).collect();
    let parts = ["spanishgas".to_owned(), plain(page), as_of.format("%Y-%m-%d").to_string(), model];
    let stem = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    format!("{stem}.{extension}")
}

fn plain(text: &str) -> String {
    text.chars().filter(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_page_date_and_model() {
        let date = NaiveDate::from_ymd_opt(2024, 12, 31).unwrap();
        let name = |page, model| file_name(page, date, model, "csv");
        assert_eq!(name("risk", "4f90bd8cc09437d0"), "spanishgas-risk-2024-12-31-4f90bd8c.csv");
        assert_eq!(name("risk", ""), "spanishgas-risk-2024-12-31.csv");
        assert_eq!(name("../ri\"sk\r\n", "4f"), "spanishgas-risk-2024-12-31-4f.csv");
    }
}
