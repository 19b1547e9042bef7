//! How long a run may take.

use std::time::Duration;

use protocol::pipeline::Promotion;
use protocol::steps::RawSnapshot;

/// What the stages after the raw one may take in all; people may take the time they are given on top.
///
/// It begins anew where a run goes back to the raw files, because a stored table was damaged. The raw stage
/// has a limit of its own ([`crate::run::Weight::First`]): the settings come with its answer.
pub fn after_the_raw_stage(raw: &RawSnapshot, promotion: Promotion) -> Option<Duration> {
    let patience = match promotion {
        Promotion::ByPerson => patience(raw),
        Promotion::ByGate => 0,
    };
    raw.settings.run_limit_secs.map(|secs| Duration::from_secs(secs.saturating_add(patience)))
}

/// What people may take beyond that: the first question is in the limit, and each further one (where another run has
/// moved the champion meanwhile, they are asked again) is given the same time.
pub fn for_further_questions(raw: &RawSnapshot, questions: u32) -> Duration {
    Duration::from_secs(patience(raw).saturating_mul(u64::from(questions.saturating_sub(1))))
}

fn patience(raw: &RawSnapshot) -> u64 {
    raw.settings.approval.escalate_after_secs.saturating_add(raw.settings.approval.reject_after_secs)
}

#[cfg(test)]
mod tests {
    use protocol::Digest;
    use serde_json::json;

    use super::*;

    fn raw(run_limit_secs: Option<u64>) -> RawSnapshot {
        let mut raw = json!({
            "digest": Digest::of(b"raw"), "tables": {}, "readings": [], "last_date": "2024-12-31", "rows": 0,
            "experiment": "E5_full", "gate": { "pr_auc_floor": 0.7, "max_pr_auc_loss": 0.02 },
            "approval": { "escalate_after_secs": 60, "reject_after_secs": 30 },
        });
        if let Some(secs) = run_limit_secs {
            raw["run_limit_secs"] = json!(secs);
        }
        serde_json::from_value(raw).unwrap()
    }

    #[test]
    fn every_further_question_has_the_same_time_again() {
        let more = |questions| for_further_questions(&raw(Some(100)), questions).as_secs();
        assert_eq!([more(0), more(1), more(2), more(5)], [0, 0, 90, 360]);
    }

    #[test]
    fn people_may_take_their_time_on_top_and_old_histories_have_no_limit() {
        assert_eq!(after_the_raw_stage(&raw(Some(100)), Promotion::ByGate), Some(Duration::from_secs(100)));
        assert_eq!(after_the_raw_stage(&raw(Some(100)), Promotion::ByPerson), Some(Duration::from_secs(190)));
        assert_eq!(after_the_raw_stage(&raw(Some(u64::MAX)), Promotion::ByPerson), Some(Duration::from_secs(u64::MAX)));
        assert_eq!(after_the_raw_stage(&raw(None), Promotion::ByPerson), None);
    }
}
