//! Names of files: what is in one can be said from its name, years later.

use chrono::NaiveDate;

/// So many characters of a version tell models apart, and so many of a run.
const SHORT: usize = 8;

/// `spanishgas-risk-2024-12-31-4f90bd8c-run-13cca5cb.csv`: page, date of the rows, model, run. Two runs of one date by
/// one model have other rows: without the run their files have one name. Whatever could mean something else than a name
/// to a file system or a header is left out.
pub fn file_name(page: &str, as_of: NaiveDate, (model, run): (&str, &str), extension: &str) -> String {
    let model: String = plain(model).chars().take(SHORT).collect();
    let run = Some(end_of_run(run)).filter(|end| !end.is_empty()).map(|end| format!("run-{end}"));
    let parts = ["spanishgas".to_owned(), plain(page), as_of.format("%Y-%m-%d").to_string(), model];
    let parts = parts.into_iter().chain(run);
    let stem = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    format!("{stem}.{extension}")
}

/// The name of a file that was made while a document could not be read: who finds it years later is told, too.
pub fn not_all_read(file: &str) -> String {
    let (stem, extension) = file.split_once('.').unwrap_or((file, ""));
    format!("{stem}-not-all-read.{extension}")
}

/// The end of a run's ID, as the pages show it too. The beginning is the time, the same for all runs of a minute.
pub fn end_of_run(run_id: &str) -> String {
    let run_id = plain(run_id);
    let length = run_id.chars().count();
    run_id.chars().skip(length.saturating_sub(SHORT)).collect()
}

fn plain(text: &str) -> String {
    text.chars().filter(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_page_date_model_and_run() {
        let date = NaiveDate::from_ymd_opt(2024, 12, 31).unwrap();
        let name = |page, model, run| file_name(page, date, (model, run), "csv");
        let (model, run) = ("4f90bd8cc09437d0", "01a214f3-f7d3-7616-b0a6-de8413cca5cb");
        assert_eq!(name("risk", model, run), "spanishgas-risk-2024-12-31-4f90bd8c-run-13cca5cb.csv");
        assert_eq!(name("run", "", run), "spanishgas-run-2024-12-31-run-13cca5cb.csv");
        assert_eq!(name("risk", "", ""), "spanishgas-risk-2024-12-31.csv");
        assert_eq!(not_all_read("spanishgas-a-2024-12-31.excel.csv"), "spanishgas-a-2024-12-31-not-all-read.excel.csv");
        assert_eq!(name("../ri\"sk\r\n", "4f", "/\"r1"), "spanishgas-risk-2024-12-31-4f-run-r1.csv");
    }

    #[test]
    fn two_runs_of_one_date_by_one_model_have_files_of_two_names() {
        let date = NaiveDate::from_ymd_opt(2024, 12, 31).unwrap();
        let name = |run| file_name("risk", date, ("4f90bd8cc09437d0", run), "csv");
        assert_ne!(name("01a214f3-f7d3-7616-b0a6-de8413cca5cb"), name("01a214f3-f7d3-7616-b0a6-de8413cca5cc"));
    }
}
