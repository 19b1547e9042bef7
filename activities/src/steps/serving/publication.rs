//! What is published, and which run may change it: a pure decision.

use lake::documents::Publication;
use protocol::WorkflowId;
use protocol::steps::PublishRun;

/// Whether a run's results become the published ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// They do.
    Advance,
    /// They are published already, by the run of this workflow.
    Already(WorkflowId),
    /// They do not, for this reason; what is published is newer.
    Stay(String),
    /// They are by a model that is champion no more: score again.
    ChampionChanged,
}

/// Decides on what is published now and who is champion now.
pub fn decide(request: &PublishRun, published: Option<&Publication>, champion: Option<&str>) -> Move {
    if champion != Some(request.version.as_str()) {
        return Move::ChampionChanged;
    }
    let Some(published) = published else {
        return Move::Advance;
    };
    if published.outputs == request.outputs && published.model_version == request.version {
        return Move::Already(published.workflow_id.clone());
    }
    let newer = |what: &str| {
        Move::Stay(format!(
            "not published: run {} has published results {what} (as of {}, model {})",
            published.workflow_id, published.as_of, published.model_version
        ))
    };
    if request.as_of < published.as_of {
        return newer("of a later date");
    }
    if request.as_of == published.as_of && request.run.started < published.started {
        return newer("of a later start");
    }
    Move::Advance
}

#[cfg(test)]
mod tests {
    use churn::SnapshotDate;
    use protocol::{Run, TableRef};

    use super::*;
    use protocol::Digest;
    use protocol::steps::Sight;

    fn request(run: &str, started: &str, as_of: &str, content: &str) -> PublishRun {
        let output = |name: &str| {
            let digest = Digest::of(content.as_bytes());
            (name.to_owned(), TableRef { key: format!("{name}/{content}"), digest, rows: 1 })
        };
        PublishRun {
            run: Run { workflow_id: run.into(), run_id: format!("{run}-1").into(), started: started.into() },
            as_of: SnapshotDate::parse(as_of).unwrap(),
            version: "champion".into(),
            outputs: ["scores", "recommendations", "drift"].map(output).into(),
            features: None,
            sight: Sight::Present,
        }
    }

    fn published() -> Publication {
        let earlier = request("earlier", "2024-12-31T02:00:00Z", "2024-12-31", "a");
        Publication::of(&earlier, "2024-12-31T02:01:00Z".into())
    }

    #[test]
    fn newer_results_by_the_champion_are_published() {
        let first = request("first", "2024-12-31T02:00:00Z", "2024-12-31", "a");
        assert_eq!(decide(&first, None, Some("champion")), Move::Advance);
        for (started, as_of) in [("2024-12-31T03:00:00Z", "2024-12-31"), ("2024-12-31T01:00:00Z", "2025-01-01")] {
            let later = request("later", started, as_of, "b");
            assert_eq!(decide(&later, Some(&published()), Some("champion")), Move::Advance, "{started} {as_of}");
        }
        // The same start: the attempt of an activity that comes again, with other results after a repair.
        let same_start = request("later", "2024-12-31T02:00:00Z", "2024-12-31", "b");
        assert_eq!(decide(&same_start, Some(&published()), Some("champion")), Move::Advance);
    }

    #[test]
    fn an_older_date_or_an_older_start_never_replaces_what_is_published() {
        for (started, as_of, word) in [
            ("2025-01-02T02:00:00Z", "2024-12-30", "later date"),
            ("2024-12-31T01:59:59Z", "2024-12-31", "later start"),
        ] {
            let Move::Stay(reason) = decide(&request("old", started, as_of, "b"), Some(&published()), Some("champion"))
            else {
                panic!("{started} {as_of} was published");
            };
            assert!(reason.contains(word) && reason.contains("run earlier"), "{reason}");
        }
    }

    #[test]
    fn results_by_another_model_than_the_champion_of_now_are_scored_again() {
        let late = request("late", "2025-01-01T00:00:00Z", "2025-01-01", "b");
        for champion in [Some("other"), None] {
            assert_eq!(decide(&late, Some(&published()), champion), Move::ChampionChanged);
        }
    }

    #[test]
    fn the_same_results_stay_where_they_are() {
        let same = request("same", "2025-01-01T00:00:00Z", "2024-12-31", "a");
        assert_eq!(decide(&same, Some(&published()), Some("champion")), Move::Already("earlier".into()));
        // But a run that started before this one and comes later is told that newer ones are there.
        let confirmed = published().confirmed_by(&same).expect("it started later");
        assert_eq!((confirmed.scores(), &confirmed.started), (published().scores(), &same.run.started));
        let slow = request("slow", "2024-12-31T12:00:00Z", "2024-12-31", "b");
        assert!(matches!(decide(&slow, Some(&confirmed), Some("champion")), Move::Stay(_)));
        assert_eq!(confirmed.confirmed_by(&slow), None);
    }

    #[test]
    fn a_run_of_today_that_finds_newer_results_confirms_them_and_moves_no_order() {
        let today = request("today", "2025-01-01T05:00:00Z", "2024-12-30", "b");
        assert!(matches!(decide(&today, Some(&published()), Some("champion")), Move::Stay(_)));
        let confirmed = published().found_newer_by(&today).expect("it looked at the present");
        assert_eq!((confirmed.confirmed_at(), &confirmed.started), ("2025-01-01T05:00:00Z", &published().started));
        assert_eq!(confirmed.found_newer_by(&today), None, "an attempt that comes again");
        // A run of the same date that began in between is as new as it was.
        let between = request("between", "2024-12-31T12:00:00Z", "2024-12-31", "c");
        assert_eq!(decide(&between, Some(&confirmed), Some("champion")), Move::Advance);
        // Who makes up for a day that is over knows nothing of today, and an older start nothing that is news.
        let backfill = PublishRun { sight: Sight::Past, ..today };
        assert_eq!(published().found_newer_by(&backfill), None);
        let old = request("old", "2024-12-31T01:00:00Z", "2024-12-31", "b");
        assert_eq!(published().found_newer_by(&old), None);
    }

    #[test]
    fn both_pointers_are_parts_of_one_publication() {
        let (scores, monitoring) = (published().scores(), published().monitoring());
        assert_eq!(scores.outputs.keys().collect::<Vec<_>>(), ["recommendations", "scores"]);
        assert_eq!(monitoring.outputs.keys().collect::<Vec<_>>(), ["drift"]);
        assert_eq!((&scores.run_id, scores.as_of), (&monitoring.run_id, monitoring.as_of));
    }
}
