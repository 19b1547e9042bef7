//! Who was champion since when, who decided it and why: the moves of the champion, what the gate rejected, and what
//! people took back and gave free again.

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use churn::model::{Check, Verdict};
use lake::documents::{ChampionPointer, ChangeByHand, Judgement, MoveCause, Registration};
use protocol::{ModelVersion, RunId, WorkflowId};

use crate::data::{Registry, moment};

/// What happened to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happened {
    /// It became champion.
    Promoted,
    /// A person went back to it.
    RolledBack,
    /// The gate did not let it in.
    Rejected,
    /// A person took it back.
    Withdrawn,
    /// A person gave it free again.
    Reinstated,
}

impl Happened {
    /// The word of files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Promoted => "promoted",
            Self::RolledBack => "rolled_back",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Reinstated => "reinstated",
        }
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A run, by its workflow.
    Workflow(String),
    /// A person.
    Person(String),
}

/// Why something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// What a check of the gate found.
    Check(Check),
    /// What a person said.
    Reason(String),
}

impl Why {
    /// As it was written down.
    pub fn words(&self) -> &str {
        match self {
            Self::Check(check) => &check.note,
            Self::Reason(words) => words,
        }
    }
}

/// What a person promoted a version against.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    /// The failed checks as it was noted.
    pub words: String,
    /// The same check by check; none where no verdict on the version has these words.
    pub checks: Vec<Check>,
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When; none where the time cannot be read.
    pub at: Option<DateTime<Utc>>,
    /// What happened.
    pub happened: Happened,
    /// To which version.
    pub version: ModelVersion,
    /// Who did it.
    pub who: Who,
    /// Why.
    pub why: Vec<Why>,
    /// What a person promoted it against.
    pub against: Option<Against>,
    /// The workflow and the run that did it, where one did.
    pub run: Option<(WorkflowId, RunId)>,
}

/// Every event, the newest first.
pub fn events(registry: &Registry) -> Vec<Event> {
    let mut events: Vec<Event> = registry.moves.iter().map(|moved| of_move(registry, moved)).collect();
    for entry in &registry.entries {
        events.extend(entry.judgements.iter().filter(|judgement| !judgement.verdict.passed).map(|judgement| Event {
            at: moment(&judgement.at),
            happened: Happened::Rejected,
            version: entry.version.clone(),
            who: Who::Workflow(judgement.workflow_id.to_string()),
            why: failed(&judgement.verdict).map(Why::Check).collect(),
            against: None,
            run: Some((judgement.workflow_id.clone(), judgement.run_id.clone())),
        }));
        for withdrawal in &entry.withdrawals {
            events.push(by_hand(entry, Happened::Withdrawn, &withdrawal.change));
            events.extend(withdrawal.lifted.iter().map(|lifted| by_hand(entry, Happened::Reinstated, lifted)));
        }
    }
    // Stable: of the same moment, moves come before what was judged.
    events.sort_by_key(|event| Reverse(event.at));
    events
}

fn of_move(registry: &Registry, moved: &ChampionPointer) -> Event {
    let happened = match moved.cause {
        MoveCause::Promotion => Happened::Promoted,
        MoveCause::Rollback => Happened::RolledBack,
    };
    let run = moved.by_hand.as_ref().map_or_else(|| run_of(moved), run_by_hand);
    let (who, why) = match &moved.by_hand {
        Some(change) => (Who::Person(change.by.clone()), vec![Why::Reason(change.reason.clone())]),
        None => (Who::Workflow(moved.promoted_by.clone()), reasons_of(registry, moved)),
    };
    Event {
        at: moment(&moved.promoted_at),
        happened,
        version: moved.version.clone(),
        who,
        why,
        against: moved.overrode.as_ref().map(|words| overrode(registry, &moved.version, words)),
        run,
    }
}

fn by_hand(entry: &Registration, happened: Happened, change: &ChangeByHand) -> Event {
    Event {
        at: moment(&change.at),
        happened,
        version: entry.version.clone(),
        who: Who::Person(change.by.clone()),
        why: vec![Why::Reason(change.reason.clone())],
        against: None,
        run: run_by_hand(change),
    }
}

fn run_of(moved: &ChampionPointer) -> Option<(WorkflowId, RunId)> {
    moved.run_id.clone().map(|run_id| (WorkflowId::new(moved.promoted_by.clone()), run_id))
}

fn run_by_hand(change: &ChangeByHand) -> Option<(WorkflowId, RunId)> {
    change.workflow_id.clone().zip(change.run_id.clone())
}

/// What the gate said when a run promoted a version.
fn reasons_of(registry: &Registry, moved: &ChampionPointer) -> Vec<Why> {
    let of_run = |judgement: &&Judgement| moved.run_id.as_ref() == Some(&judgement.run_id);
    let judgements = entry_of(registry, &moved.version).map(|entry| entry.judgements.as_slice()).unwrap_or_default();
    let judgement = judgements.iter().rfind(of_run);
    judgement.into_iter().flat_map(|judgement| judgement.verdict.checks.iter().cloned().map(Why::Check)).collect()
}

/// The words, and the failed checks of the verdict that has them.
fn overrode(registry: &Registry, version: &ModelVersion, words: &str) -> Against {
    let mut verdicts = entry_of(registry, version)
        .into_iter()
        .flat_map(|entry| entry.judgements.iter().map(|judgement| &judgement.verdict).chain([&entry.verdict]));
    let of_words = verdicts.find(|verdict| verdict.failed_checks() == words);
    Against { words: words.to_owned(), checks: of_words.map(|verdict| failed(verdict).collect()).unwrap_or_default() }
}

fn entry_of<'a>(registry: &'a Registry, version: &ModelVersion) -> Option<&'a Registration> {
    registry.entries.iter().find(|entry| entry.version == *version).map(Arc::as_ref)
}

fn failed(verdict: &Verdict) -> impl Iterator<Item = Check> {
    verdict.checks.iter().filter(|check| !check.passed).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::model::tests::{entry, moved};

    #[test]
    fn everything_that_happened_is_told_with_who_and_why_the_newest_first() {
        let change = |by: &str, at: &str| ChangeByHand::new(by, "wrong prices", at);
        let withdrawn = entry("b", "2024-12-02T02:00:00Z", false)
            .withdrawn_by(change("ana", "2024-12-03T08:00:00Z"))
            .reinstated_by(&change("eva", "2024-12-05T08:00:00Z"), false);
        let back = ChampionPointer {
            by_hand: Some(change("luis", "2024-12-04T08:00:00Z")),
            cause: MoveCause::Rollback,
            run_id: None,
            ..moved("a", "2024-12-04T08:00:00Z")
        };
        let registry = Registry {
            entries: vec![Arc::new(withdrawn), Arc::new(entry("a", "2024-12-01T02:00:00Z", true))],
            moves: vec![Arc::new(moved("a", "2024-12-01T02:00:10Z")), Arc::new(back)],
        };
        let events = events(&registry);
        let told: Vec<_> = events.iter().map(|event| (event.happened, event.version.as_str())).collect();
        let expected = [
            (Happened::Reinstated, "b"),
            (Happened::RolledBack, "a"),
            (Happened::Withdrawn, "b"),
            (Happened::Rejected, "b"),
            (Happened::Promoted, "a"),
        ];
        assert_eq!(told, expected);
        assert_eq!(
            (&events[1].who, &events[1].why),
            (&Who::Person("luis".to_owned()), &vec![Why::Reason("wrong prices".to_owned())])
        );
        assert_eq!(notes(&events[3].why), ["a note", "another note", "a third note"]);
        assert_eq!(notes(&events[4].why), notes(&events[3].why), "the gate's words of the run that promoted it");
    }

    fn notes(why: &[Why]) -> Vec<&str> {
        why.iter().map(Why::words).collect()
    }

    #[test]
    fn what_a_person_promoted_a_version_against_are_the_checks_that_failed_when_they_did() {
        let rejected = entry("b", "2024-12-02T02:00:00Z", false);
        let words = rejected.verdict.failed_checks();
        let change = ChangeByHand::new("ana", "the only one", "2024-12-03T08:00:00Z");
        let by_hand = |words: &str| ChampionPointer {
            by_hand: Some(change.clone()),
            run_id: None,
            overrode: Some(words.to_owned()),
            ..moved("b", "2024-12-03T08:00:00Z")
        };
        let registry = Registry { entries: vec![Arc::new(rejected.clone())], moves: vec![Arc::new(by_hand(&words))] };
        assert_eq!(events(&registry)[0].against, Some(Against { words, checks: rejected.verdict.checks }));
        let other = Registry { moves: vec![Arc::new(by_hand("floor: too low"))], ..registry };
        let words = "floor: too low".to_owned();
        assert_eq!(
            events(&other)[0].against,
            Some(Against { words, checks: Vec::new() }),
            "of no verdict that is known"
        );
    }
}
