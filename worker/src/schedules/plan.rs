//! What must be done so that the server holds what the file says. Pure: what is there goes in, changes come out.
//!
//! Who is on duty has a brake: a schedule that somebody paused by hand stays paused, whatever the file says, until
//! somebody resumes it. All else follows the file.

use serde::Serialize;
use temporalio_common::protos::temporal::api::schedule::v1::{Schedule, ScheduleState};

use super::facts::{Difference, differences};
use super::server::Described;
use super::{ScheduleDefinition, SchedulesFile, wanted};

/// The note of a schedule that the file pauses.
const PAUSED_BY_FILE: &str = "paused by schedules.yaml";

/// What is to be done about one schedule.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// It is not there.
    Create,
    /// It is there and differs.
    Update {
        /// In what.
        differences: Vec<Difference>,
    },
    /// It is as it should be.
    Nothing,
    /// It was made from a file that named it, and this one does not.
    Remove,
    /// The same, and nobody asked to remove it.
    Leave,
}

/// One schedule with its change.
#[derive(Debug, Clone, Serialize)]
pub struct Planned {
    /// The schedule.
    pub id: String,
    /// What is to be done.
    #[serde(flatten)]
    pub change: Change,
    /// Why somebody paused it, if somebody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_by_hand: Option<String>,
    /// What the server should hold.
    #[serde(skip)]
    pub wanted: Option<Schedule>,
}

impl Planned {
    /// Whether there is something to do.
    pub fn is_work(&self) -> bool {
        !matches!(self.change, Change::Nothing | Change::Leave)
    }
}

/// Whether what no file names any more is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prune {
    /// It is.
    Remove,
    /// It stays.
    Leave,
}

/// Everything that is to be done: the schedules of the file in their order, then those that it does not name.
pub fn plan(
    file: &SchedulesFile,
    task_queue: &str,
    present: &[(String, Option<Described>)],
    prune: Prune,
) -> anyhow::Result<Vec<Planned>> {
    let find = |id: &str| present.iter().find(|(other, _)| other == id).and_then(|(_, described)| described.as_ref());
    let declared = file.schedules.iter().map(|schedule| declared(schedule, task_queue, find(&schedule.id)));
    let mut plan = declared.collect::<anyhow::Result<Vec<_>>>()?;
    let change = if prune == Prune::Remove { Change::Remove } else { Change::Leave };
    for (id, described) in present {
        if file.find(id).is_none() && described.as_ref().is_some_and(|described| described.is_marked_for(task_queue)) {
            plan.push(Planned { id: id.clone(), change: change.clone(), paused_by_hand: None, wanted: None });
        }
    }
    Ok(plan)
}

fn declared(definition: &ScheduleDefinition, task_queue: &str, present: Option<&Described>) -> anyhow::Result<Planned> {
    let id = definition.id.clone();
    let Some(present) = present else {
        let wanted = Some(wanted(definition, task_queue, by_file(definition))?);
        return Ok(Planned { id, change: Change::Create, paused_by_hand: None, wanted });
    };
    let state = present.schedule.state.clone().unwrap_or_default();
    let paused_by_hand = is_paused_by_hand(&state).then(|| state.notes.clone());
    let wanted = wanted(definition, task_queue, state_of(definition, state))?;
    let differences = differences(&present.schedule, &wanted);
    let change = if differences.is_empty() { Change::Nothing } else { Change::Update { differences } };
    Ok(Planned { id, change, paused_by_hand, wanted: Some(wanted) })
}

fn is_paused_by_hand(state: &ScheduleState) -> bool {
    state.paused && state.notes != PAUSED_BY_FILE
}

fn by_file(definition: &ScheduleDefinition) -> ScheduleState {
    let notes = if definition.paused { PAUSED_BY_FILE } else { &definition.note };
    ScheduleState { notes: notes.to_owned(), paused: definition.paused, ..ScheduleState::default() }
}

/// The state to be in: as it is where somebody paused it; a note of somebody's stays as long as nothing changes.
fn state_of(definition: &ScheduleDefinition, is: ScheduleState) -> ScheduleState {
    if is_paused_by_hand(&is) {
        return ScheduleState { notes: is.notes, paused: true, ..ScheduleState::default() };
    }
    if is.paused == definition.paused {
        return ScheduleState { notes: is.notes, paused: is.paused, ..ScheduleState::default() };
    }
    by_file(definition)
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::common::v1::Memo;
    use temporalio_common::protos::temporal::api::schedule::v1::schedule_action::Action;

    use super::*;

    fn file() -> SchedulesFile {
        let mut file = SchedulesFile::load(None).unwrap();
        file.schedules.truncate(1);
        file
    }

    fn present(state: ScheduleState, mark: Option<&str>) -> Vec<(String, Option<Described>)> {
        let mut schedule = wanted(&file().schedules[0], "q", state).unwrap();
        let Action::StartWorkflow(started) = schedule.action.as_mut().unwrap().action.as_mut().unwrap();
        started.memo = mark.and_then(memo_for);
        let described = Described { schedule, ..Described::default() };
        vec![("nightly-retrain".to_owned(), Some(described))]
    }

    fn memo_for(queue: &str) -> Option<Memo> {
        let schedule = wanted(&file().schedules[0], queue, ScheduleState::default()).unwrap();
        let Action::StartWorkflow(started) = schedule.action.unwrap().action.unwrap();
        started.memo
    }

    fn paused(notes: &str) -> ScheduleState {
        ScheduleState { notes: notes.to_owned(), paused: true, ..ScheduleState::default() }
    }

    fn change(file: &SchedulesFile, present: &[(String, Option<Described>)]) -> Change {
        plan(file, "q", present, Prune::Leave).unwrap().remove(0).change
    }

    fn differ(change: &Change) -> Vec<&'static str> {
        match change {
            Change::Update { differences } => differences.iter().map(|difference| difference.fact).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_schedule_is_made_once_and_then_left_alone() {
        assert_eq!(change(&file(), &[]), Change::Create);
        assert_eq!(change(&file(), &present(ScheduleState::default(), Some("q"))), Change::Nothing);
        // Somebody made it by hand, or for another queue: it is taken over, and says so.
        assert_eq!(differ(&change(&file(), &present(ScheduleState::default(), None))), ["mark"]);
        assert_eq!(differ(&change(&file(), &present(ScheduleState::default(), Some("other")))), ["mark"]);
    }

    #[test]
    fn a_pause_by_hand_stays_and_one_of_the_file_goes_with_it() {
        let by_hand = present(paused("paused by ana: wrong prices"), Some("q"));
        assert_eq!(change(&file(), &by_hand), Change::Nothing);
        let planned = plan(&file(), "q", &by_hand, Prune::Leave).unwrap();
        assert_eq!(planned[0].paused_by_hand.as_deref(), Some("paused by ana: wrong prices"));
        assert_eq!(differ(&change(&file(), &present(paused(PAUSED_BY_FILE), Some("q")))), ["paused"]);
        let mut pausing = file();
        pausing.schedules[0].paused = true;
        assert_eq!(differ(&change(&pausing, &present(ScheduleState::default(), Some("q")))), ["paused"]);
        assert_eq!(change(&pausing, &present(paused(PAUSED_BY_FILE), Some("q"))), Change::Nothing);
    }

    #[test]
    fn only_what_was_made_for_this_queue_is_ever_removed() {
        let mut elsewhere = file();
        elsewhere.schedules.clear();
        let changes = |mark, prune| plan(&elsewhere, "q", &present(ScheduleState::default(), mark), prune).unwrap();
        assert_eq!(changes(Some("q"), Prune::Remove)[0].change, Change::Remove);
        assert_eq!(changes(Some("q"), Prune::Leave)[0].change, Change::Leave);
        assert!(changes(Some("other"), Prune::Remove).is_empty());
        assert!(changes(None, Prune::Remove).is_empty());
    }
}
