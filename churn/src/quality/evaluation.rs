//! Whether a check passed, failed, or could not be made: a check that nobody made is not a good one.

use serde::{Deserialize, Serialize};

use super::{Finding, Severity};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// It was made and found nothing to warn of.
    Passed,
    /// It was made and found something that warns or blocks.
    Failed,
    /// It could not be made; the reason says why.
    NotEvaluated,
}

/// One check of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The raw file's or the layer's table.
    pub table: String,
    /// The rule's name, as in [`Finding::rule`].
    pub rule: String,
    /// How it ended.
    pub state: CheckState,
    /// Why it was not evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Evaluation {
    /// A check that was made: failed when one of `findings` of this table and rule warns or blocks.
    pub fn of(table: &str, rule: &str, findings: &[Finding]) -> Self {
        let fails =
            |finding: &Finding| finding.table == table && finding.rule == rule && finding.severity > Severity::Info;
        let state = if findings.iter().any(fails) { CheckState::Failed } else { CheckState::Passed };
        Self { table: table.to_owned(), rule: rule.to_owned(), state, reason: None }
    }

    /// A check that could not be made.
    pub fn not_made(table: &str, rule: &str, reason: &str) -> Self {
        Self {
            table: table.to_owned(),
            rule: rule.to_owned(),
            state: CheckState::NotEvaluated,
            reason: Some(reason.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_warns_or_blocks_fails_a_check() {
        let finding = |severity| [Finding::new(severity, "t", "r", "words")];
        assert_eq!(Evaluation::of("t", "r", &finding(Severity::Warn)).state, CheckState::Failed);
        assert_eq!(Evaluation::of("t", "r", &finding(Severity::Info)).state, CheckState::Passed);
        assert_eq!(Evaluation::of("t", "other", &finding(Severity::Block)).state, CheckState::Passed);
        let text = serde_json::to_string(&Evaluation::not_made("t", "r", "nothing is published yet")).unwrap();
        assert!(text.contains("\"not_evaluated\"") && text.contains("nothing is published yet"), "{text}");
    }
}
