//! What is published, and which run may change it: a pure decision.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use protocol::TableRef;
use protocol::steps::PublishRun;
use protocol::{ModelVersion, RunId, WorkflowId};
use serde::{Deserialize, Serialize};

/// The output that belongs to the monitoring pointer; all others are the scores'.
const MONITORING: &str = "drift";

/// What `published.json` holds: one object, so that scores and monitoring never belong to two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The run that made the results.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// When it started, RFC 3339.
    pub started: String,
    /// The date the results are for.
    pub as_of: SnapshotDate,
    /// The champion that scored.
    pub model_version: ModelVersion,
    /// When they were published, RFC 3339.
    pub published_at: String,
    /// The results by table.
    pub outputs: BTreeMap<String, TableRef>,
}

/// What `scored/latest.json` and `monitoring/latest.json` hold: their part of the publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultsPointer {
    /// The run that made the results.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// The date they are for.
    pub as_of: SnapshotDate,
    /// The champion that scored.
    pub model_version: ModelVersion,
    /// When they were published, RFC 3339; empty before that was noted.
    #[serde(default)]
    pub published_at: String,
    /// The results by table.
    pub outputs: BTreeMap<String, TableRef>,
}

impl Publication {
    /// What a run wants to publish.
    pub fn of(request: &PublishRun, published_at: String) -> Self {
        Self {
            run_id: request.run.run_id.clone(),
            workflow_id: request.run.workflow_id.clone(),
            started: request.run.started.clone(),
            as_of: request.as_of,
            model_version: request.version.clone(),
            published_at,
            outputs: request.outputs.clone(),
        }
    }

    /// The same results, found again by a run that started later: an older start must not replace them any more.
    pub fn confirmed_by(&self, request: &PublishRun) -> Option<Self> {
        let later = request.run.started > self.started && !self.started.is_empty();
        later.then(|| Self { started: request.run.started.clone(), ..self.clone() })
    }

    /// The pointer to the scores and recommendations.
    pub fn scores(&self) -> ResultsPointer {
        self.part(|table| table != MONITORING)
    }

    /// The pointer to the monitoring results.
    pub fn monitoring(&self) -> ResultsPointer {
        self.part(|table| table == MONITORING)
    }

    fn part(&self, belongs: impl Fn(&str) -> bool) -> ResultsPointer {
        let outputs = self.outputs.iter().filter(|(table, _)| belongs(table));
        ResultsPointer {
            run_id: self.run_id.clone(),
            workflow_id: self.workflow_id.clone(),
            as_of: self.as_of,
            model_version: self.model_version.clone(),
            published_at: self.published_at.clone(),
            outputs: outputs.map(|(table, output)| (table.clone(), output.clone())).collect(),
        }
    }
}

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
    use super::*;
    use protocol::Digest;
    use protocol::Run;

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
    fn both_pointers_are_parts_of_one_publication() {
        let (scores, monitoring) = (published().scores(), published().monitoring());
        assert_eq!(scores.outputs.keys().collect::<Vec<_>>(), ["recommendations", "scores"]);
        assert_eq!(monitoring.outputs.keys().collect::<Vec<_>>(), ["drift"]);
        assert_eq!((&scores.run_id, scores.as_of), (&monitoring.run_id, monitoring.as_of));
    }
}
