//! Who was champion since when, who decided it and why: the moves of the champion, what the gate rejected, and what
//! people took back and gave free again.

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::{DateTime, Utc};
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

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A run, by its workflow.
    Workflow(String),
    /// A person.
    Person(String),
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When; none where the time cannot be read.
    pub at: Option<DateTime<Utc>>,
    /// What happened.
    pub happened: Happened,
    /// To which version.
    pub version: ModelVersion,
    /// Who did it.
    pub who: Who,
    /// Why, in one or more sentences.
    pub why: Vec<String>,
    /// The failed checks that a person promoted it against.
    pub against: Option<String>,
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
            why: judgement.verdict.reasons().into_iter().map(str::to_owned).collect(),
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
        Some(change) => (Who::Person(change.by.clone()), vec![change.reason.clone()]),
        None => (Who::Workflow(moved.promoted_by.clone()), reasons_of(registry, moved)),
    };
    Event {
        at: moment(&moved.promoted_at),
        happened,
        version: moved.version.clone(),
        who,
        why,
        against: moved.overrode.clone(),
        run,
    }
}

fn by_hand(entry: &Registration, happened: Happened, change: &ChangeByHand) -> Event {
    Event {
        at: moment(&change.at),
        happened,
        version: entry.version.clone(),
        who: Who::Person(change.by.clone()),
        why: vec![change.reason.clone()],
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
fn reasons_of(registry: &Registry, moved: &ChampionPointer) -> Vec<String> {
    let entry = registry.entries.iter().find(|entry| entry.version == moved.version);
    let judgements = entry.map(|entry: &Arc<Registration>| entry.judgements.as_slice()).unwrap_or_default();
    let of_run = |judgement: &&Judgement| moved.run_id.as_ref() == Some(&judgement.run_id);
    let judgement = judgements.iter().rfind(of_run);
    judgement
        .map(|judgement| judgement.verdict.checks.iter().map(|check| check.note.clone()).collect())
        .unwrap_or_default()
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
            (&Who::Person("luis".to_owned()), &vec!["wrong prices".to_owned()])
        );
        let notes = ["a note", "another note", "a third note"];
        assert_eq!(events[3].why, notes);
        assert_eq!(events[4].why, notes, "the gate's words of the run that promoted it");
    }
}
