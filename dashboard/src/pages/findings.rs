//! What the checks of a delivery and of the tables made of it found, in a line each.

use churn::quality::{Finding, Severity};

use crate::frame::{Cell, Column, Mark, Row, RunState, TablePart};
use crate::server::Visit;
use crate::words::{Language, Word};

/// A table of findings in their order; none where nothing was found. Findings are sentences of the run, in English.
pub fn table(visit: &Visit, id: &'static str, caption: &str, findings: &[Finding]) -> Option<TablePart> {
    if findings.is_empty() {
        return None;
    }
    let rows = findings.iter().map(|finding| Row::from(cells(visit, finding)));
    Some(TablePart::new(visit.language, id, caption, columns(visit.language)).rows(rows))
}

/// The columns of such a table.
pub fn columns(language: Language) -> Vec<Column> {
    let say = |word: Word| language.say(word);
    vec![
        Column::text(say(Word::ExplorerTable)),
        Column::text(say(Word::ExplorerRule)),
        Column::text(say(Word::ExplorerSeverity)),
        Column::number(say(Word::FindingsCount)).hint(say(Word::FindingsCountHint)),
        Column::number(say(Word::FindingsShare)),
        Column::text(say(Word::ExplorerColumn)),
    ]
}

/// The cells of a finding.
pub fn cells(visit: &Visit, finding: &Finding) -> Vec<Cell> {
    let (format, language) = (visit.format(), visit.language);
    let share = finding.share.map(|share| format.percent(share));
    vec![
        Cell::short(finding.table.as_str()),
        Cell::text(finding.words.as_str()),
        Cell::mark(leads_to(finding.severity, language)),
        Cell::number(format.count(finding.count)),
        Cell::number(format.or_unknown(share, language.say(Word::FindingsNoShare))),
        Cell::short(finding.column.as_deref().unwrap_or_default()),
    ]
}

/// What a finding leads to.
fn leads_to(severity: Severity, language: Language) -> Mark {
    let say = |word: Word| language.say(word);
    match severity {
        Severity::Info => Mark { glyph: "ⓘ", word: say(Word::FindingsTold).to_owned(), class: "quiet" },
        Severity::Warn => Mark::state(RunState::Waiting, language).called(say(Word::ExplorerWarns)),
        Severity::Block => Mark::state(RunState::Failed, language).called(say(Word::ExplorerBlocks)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_severity_has_a_sign_and_a_word_of_its_own() {
        for language in Language::ALL {
            let marks = [Severity::Info, Severity::Warn, Severity::Block].map(|severity| leads_to(severity, language));
            let texts: std::collections::BTreeSet<_> = marks.iter().map(Mark::text).collect();
            assert_eq!(texts.len(), 3, "{texts:?}");
        }
    }
}
