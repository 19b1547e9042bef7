//! What the reader sees of the runs: the numbers in their language, with the links that go on from them.

use chrono::{DateTime, TimeDelta, Utc};
use churn::drift::DriftLevel;
use lake::keys;

use super::figures::Figures;
use super::found::{AtWork, Counted, Entry, Found, Source};
use super::state::{FIELDS, MODES, OUTCOMES, State, TOKEN, newest};
use super::times;
use super::{DAYS, Status};
use crate::export::{List, iso};
use crate::format::Shown;
use crate::frame::{Card, Cards, Cell, Column, Link, Mark, PageId, Pager, Position, Row, RunState, TablePart};
use crate::pages::operate::Act;
use crate::pages::run_line::{mode_name, outcome_name, short};
use crate::pages::{Choice, Field, Filters, downloads, gone, names, stages};
use crate::query::PAGE;
use crate::server::Visit;
use crate::temporal::{self, Answer, Counts, LastStart, Scheduled};
use crate::words::{Language, Word};

/// The table of schedules in the page, and its file in an address.
pub const SCHEDULES: &str = "schedules";

/// What operators may start; nothing for others.
pub fn acts(visit: &Visit) -> Vec<Link> {
    let link = |act: Act| Link::new(visit.language.say(act.words().0), act.href(&visit.query, ""));
    if visit.person.is_operator() { [Act::StartTrain, Act::StartScore].map(link).into() } else { Vec::new() }
}

/// The cards.
pub fn cards(visit: &Visit, status: &Status) -> Cards {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let (counts, on_record) = match &status.counted {
        Counted::Server(counts) => (Some(counts), false),
        Counted::Record(counts) => (Some(counts), true),
        Counted::Unread => (None, false),
    };
    let number = |of: fn(&Counts) -> u64| {
        format.or_unknown(counts.map(|counts| format.count(of(counts))), say(Word::BannerIndexTorn))
    };
    let since = (visit.now - TimeDelta::days(DAYS)).date_naive().to_string();
    let days = DAYS.to_string();
    let counted = |label: Word, count: Shown, state: Option<temporal::RunState>, help: Word| {
        let state = state.map(|state| ("state", state.as_str()));
        let chosen: Vec<_> = state.into_iter().chain([("from", since.as_str())]).collect();
        let card = Card::new(language.fill(label, &[("days", &days)]), count).help(say(help));
        let card = card.href(visit.query.to(PageId::Status.path(), &chosen));
        if on_record { card.note(say(Word::StatusOnRecord)) } else { card }
    };
    let running = match &status.counted {
        Counted::Server(counts) => Shown::new(format.count(counts.running)),
        Counted::Record(_) | Counted::Unread => format.unknown(say(Word::OverviewServerSilent)),
    };
    let mut cards = vec![
        counted(Word::StatusTotal, number(|counts| counts.total), None, Word::StatusTotalHelp),
        counted(
            Word::StatusCompleted,
            number(|counts| counts.completed),
            Some(temporal::RunState::Completed),
            Word::StatusCompletedHelp,
        ),
        counted(Word::StatusRunning, running, Some(temporal::RunState::Running), Word::StatusRunningHelp),
        counted(
            Word::StatusFailed,
            number(|counts| counts.failed),
            Some(temporal::RunState::Failed),
            Word::StatusFailedHelp,
        ),
    ];
    cards.extend(of_records(visit, &Figures::of(&status.ended)));
    Cards { language, cards }
}

fn of_records(visit: &Visit, figures: &Figures) -> [Card; 3] {
    let format = visit.format();
    let say = |word: Word| format.0.say(word);
    let is_unread = visit.torn().names(keys::RUN_INDEX);
    let of = format.0.fill(Word::StatusOfRuns, &[("count", &format.count(figures.runs))]);
    // How many there are nobody knows then.
    let of = if is_unread { String::new() } else { of };
    let why = |usual: Word| gone::or_torn(visit.torn(), keys::RUN_INDEX, usual);
    let unknown = |known: Option<String>, usual: Word| format.or_unknown(known, say(why(usual)));
    let cost = figures.cost_usd.map(|cost| format.with_unit(&format.number(cost, 2), "USD"));
    [
        Card::new(
            say(Word::StatusSkipped),
            unknown(figures.skipped.map(|share| format.percent(share)), Word::StatusNoRecords),
        )
        .note(of.clone())
        .help(say(Word::StatusSkippedHelp)),
        Card::new(
            say(Word::StatusMedian),
            unknown(figures.median_seconds.map(|seconds| format.seconds(seconds)), Word::StatusNoRecords),
        )
        .note(of.clone())
        .help(say(Word::StatusMedianHelp)),
        Card::new(say(Word::StatusCost), unknown(cost, Word::StatusNoCost)).note(of).help(say(Word::StatusCostHelp)),
    ]
}

/// The form of filters.
pub fn filters(visit: &Visit, state: &State) -> Filters {
    let language = visit.language;
    let say = |word: Word| language.say(word).to_owned();
    let filter = &state.filter;
    let of_state = |state: temporal::RunState| {
        Choice::new(state.as_str(), server_state(language, state), filter.state == Some(state))
    };
    let of_mode = |mode: protocol::pipeline::Mode| {
        Choice::new(mode.as_str(), mode_name(language, mode.as_str()), filter.mode == Some(mode))
    };
    let of_outcome = |outcome: protocol::pipeline::Outcome| {
        Choice::new(outcome.as_str(), outcome_name(language, outcome.as_str()), filter.outcome == Some(outcome))
    };
    let date = |key: &'static str, label: Word, value: Option<chrono::NaiveDate>| {
        let value = value.map(|date| date.to_string()).unwrap_or_default();
        Field::Date { key, label: say(label), value }
    };
    let fields = vec![
        Field::One {
            key: "state",
            label: say(Word::StatusState),
            choices: temporal::RunState::ALL.map(of_state).into(),
        },
        Field::One { key: "mode", label: say(Word::OverviewMode), choices: MODES.map(of_mode).into() },
        Field::One { key: "outcome", label: say(Word::OverviewOutcome), choices: OUTCOMES.map(of_outcome).into() },
        date("from", Word::StatusFrom, filter.from),
        date("to", Word::StatusTo, filter.to),
    ];
    Filters::new(language, &newest(&visit.query), &FIELDS, fields)
}

/// A state of the server's as readers say it.
fn server_state(language: Language, state: temporal::RunState) -> &'static str {
    language.say(match state {
        temporal::RunState::Running => Word::StateRunning,
        temporal::RunState::Completed => Word::StateDone,
        temporal::RunState::Failed => Word::StateFailed,
        temporal::RunState::Cancelled => Word::StatusCancelled,
        temporal::RunState::Terminated => Word::StatusTerminated,
        temporal::RunState::TimedOut => Word::StatusTimedOut,
        temporal::RunState::ContinuedAsNew => Word::StatusContinued,
    })
}

/// The runs.
pub fn runs(visit: &Visit, state: &State, found: &Found) -> TablePart {
    let language = visit.language;
    let say = |word: Word| language.say(word);
    let columns = vec![
        Column::text(say(Word::OverviewRun)),
        Column::text(say(Word::OverviewOutcome)),
        Column::text(say(Word::OverviewStarted)),
        Column::number(say(Word::OverviewDuration)),
        Column::text(say(Word::OverviewMode)),
        Column::text(say(Word::StatusAsOf)),
        Column::text(say(Word::StatusStage)),
        Column::number(say(Word::OverviewPrAuc)),
        Column::text(say(Word::OverviewDrift)),
        Column::text(say(Word::StatusModel)),
        Column::text(say(Word::StatusCompare)).hint(say(Word::StatusCompareHint)),
    ];
    // The newest first: the run before stands below.
    let before = found.runs.iter().skip(1).map(Some).chain([None]);
    let rows = found.runs.iter().zip(before).map(|(run, before)| row(visit, run, before));
    let table = TablePart::new(language, "runs", say(Word::StatusRuns), columns)
        .rows(rows)
        .empty(say(gone::or_torn(visit.torn(), keys::RUN_INDEX, Word::StatusNoRuns)))
        .downloads(downloads::links(language, &newest(&visit.query)));
    match &found.source {
        Source::Server { .. } => table,
        Source::Lake { .. } if visit.torn().names(keys::RUN_INDEX) => table.note(say(Word::BannerIndexTorn)),
        Source::Lake { down, newest, range } => {
            let table = table.note(from_lake(visit, down.is_some(), *newest));
            let position =
                Position { page: range.page as u64, per: state.paging.per as u64, total: range.total as u64 };
            let href = |page: u64, per: u64| visit.query.set("per", &per).with(PAGE, &page);
            table.pager(Pager::new(visit.format(), position, href))
        }
    }
}

/// Where the list comes from when it is not the server's, and how old it is.
fn from_lake(visit: &Visit, is_down: bool, newest: Option<DateTime<Utc>>) -> String {
    let age = newest.map(|at| visit.format().ago(at, visit.now)).unwrap_or_default();
    let word = if is_down { Word::StatusFromLake } else { Word::StatusServerKnowsNone };
    visit.language.fill(word, &[("ago", &age)])
}

fn row(visit: &Visit, run: &Entry, before: Option<&Entry>) -> Row {
    let (format, language, line) = (visit.format(), visit.language, &run.line);
    let say = |word: Word| language.say(word);
    let mut id = Cell::link(line.short(), href(visit, &line.run_id));
    id.shown = id.shown.because(line.run_id.as_str());
    let started = line.started.map(|started| format.moment(started));
    let seconds = line.seconds.map(|seconds| format.seconds(seconds));
    let as_of = line.as_of.map(|date| format.date(date));
    let pr_auc = line.pr_auc.map(|score| format.score(score));
    let compared = before.map(|before| {
        let path = format!("{}/{}/compare/{}", PageId::Status.path(), before.line.run_id, line.run_id);
        Cell::link(say(Word::StatusCompareBefore), visit.query.to(&path, &[]))
    });
    Row::from(vec![
        id,
        Cell::mark(line.mark(language)),
        Cell::short(format.or_unknown(started, say(Word::StatusNoStart))),
        Cell::number(format.or_unknown(seconds, say(Word::OverviewNotEnded))),
        Cell::short(line.mode_name(language)),
        Cell::short(format.or_unknown(as_of, say(Word::StatusNoDate))),
        Cell::short(stage(visit, run)),
        Cell::number(format.or_unknown(pr_auc, say(Word::StatusNoModel))),
        drift(visit, line.drift.as_deref()),
        model(visit, line.model.as_deref()),
        compared.unwrap_or_default(),
    ])
}

/// The page of a run.
fn href(visit: &Visit, run_id: &str) -> String {
    visit.query.to(&format!("{}/{run_id}", PageId::Status.path()), &[])
}

fn stage(visit: &Visit, run: &Entry) -> String {
    let (format, language) = (visit.format(), visit.language);
    match &run.at_work {
        Some(AtWork::Stage(stage, percent)) => {
            let percent = format.percent_digits(f64::from(*percent) / 100.0, 0);
            let stage = stages::names(language, stage);
            language.fill(Word::StatusStagePercent, &[("stage", &stage), ("percent", &percent)])
        }
        Some(AtWork::NoWorker) => {
            let stage = stages::names(language, run.line.stage.as_deref().unwrap_or_default());
            language.fill(Word::StatusStageNoWorker, &[("stage", &stage)])
        }
        None => run.line.stage.as_deref().map(|stage| stages::names(language, stage)).unwrap_or_default(),
    }
}

/// The drift of a run, as a mark; a word of a newer version stands as it is.
fn drift(visit: &Visit, level: Option<&str>) -> Cell {
    let Some(level) = level else {
        return Cell::short(visit.format().unknown(visit.language.say(Word::OverviewNoDrift)));
    };
    match serde_json::from_value::<DriftLevel>(serde_json::Value::from(level)) {
        Ok(level) => Cell::mark(Mark::drift(level, visit.language)),
        Err(_) => Cell::short(names::word(visit.language, level)),
    }
}

fn model(visit: &Visit, version: Option<&str>) -> Cell {
    let Some(version) = version else {
        return Cell::short(visit.format().unknown(visit.language.say(Word::StatusNoModel)));
    };
    let shown: String = version.chars().take(8).collect();
    let mut cell = Cell::link(shown, visit.query.to(PageId::Model.path(), &[("version", version)]));
    cell.shown = cell.shown.because(version);
    cell
}

/// The server goes forward only: the newest runs, and the next page.
pub fn turn(visit: &Visit, state: &State, found: &Found) -> Vec<Link> {
    let Source::Server { next, .. } = &found.source else { return Vec::new() };
    let newest = newest(&visit.query);
    let back = state.token.is_some().then(|| Link::new(visit.language.say(Word::StatusNewest), newest.href()));
    let on = next.as_ref().map(|next| Link::new(visit.language.say(Word::TableNext), newest.with(TOKEN, next)));
    back.into_iter().chain(on).collect()
}

/// What comes next.
pub fn schedules(visit: &Visit, schedules: &Answer<Vec<Scheduled>>) -> TablePart {
    let language = visit.language;
    let say = |word: Word| language.say(word);
    let mut columns = vec![
        Column::text(say(Word::OperateSchedule)),
        Column::text(say(Word::StatusTimes)),
        Column::text(say(Word::StatusNextTimes)).hint(say(Word::StatusNextTimesHint)),
        Column::text(say(Word::StatusLastStart)),
        Column::text(say(Word::OperateState)),
        Column::text(say(Word::StatusStarts)),
    ];
    if visit.person.is_operator() {
        columns.push(Column::text(say(Word::StatusAct)));
    }
    let empty = match schedules {
        Answer::Known(_) => Word::StatusNoSchedules,
        Answer::Down { .. } | Answer::NoWorker => Word::OverviewServerSilent,
    };
    let table = TablePart::new(language, SCHEDULES, say(Word::StatusSchedules), columns).empty(say(empty));
    // Where the server does not answer nobody knows them: that is no empty file.
    let Some(known) = schedules.known() else { return table };
    let table = table.rows(known.iter().map(|schedule| scheduled(visit, schedule)));
    downloads::listed(table, &visit.query, schedules_list(known))
}

/// The schedules as a file has them; the times of a schedule are cron lines.
fn schedules_list(schedules: &[Scheduled]) -> List {
    let last = |of: fn(&LastStart) -> Option<String>| move |schedule: &Scheduled| schedule.last.as_ref().and_then(of);
    List::of(schedules)
        .text("schedule_id", |schedule| schedule.id.clone())
        .text("workflow", |schedule| schedule.workflow.clone())
        .text("input", |schedule| schedule.input.clone())
        .text("times", |schedule| schedule.times.join("; "))
        .text("time_zone", |schedule| schedule.time_zone.clone())
        .text("next", |schedule| schedule.next.iter().copied().map(iso).collect::<Vec<_>>().join("; "))
        .flag("paused", |schedule| schedule.paused)
        .text("note", |schedule| schedule.note.clone())
        .text("last_started", last(|start| start.started.or(start.due).map(iso)))
        .text("last_run_id", last(|start| Some(start.run_id.clone())))
        .text("last_state", last(|start| start.state.map(|state| state.as_str().to_owned())))
        .count("missed", |schedule| schedule.missed)
        .count("skipped", |schedule| schedule.skipped)
        .into()
}

fn scheduled(visit: &Visit, schedule: &Scheduled) -> Row {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let times: Vec<_> = schedule.times.iter().map(|times| times::in_words(format, times)).collect();
    let times = format!("{} ({})", times.join("; "), schedule.time_zone);
    let next: Vec<_> = schedule.next.iter().map(|at| format.moment(*at)).collect();
    let next = if schedule.paused { None } else { Some(next.join("; ")).filter(|next| !next.is_empty()) };
    let why_none = if schedule.paused { Word::StatusPausedStartsNothing } else { Word::StatusNoNextTime };
    let started = Shown::new(schedule.workflow.as_str()).because(schedule.input.as_str());
    let mut cells = vec![
        Cell::short(schedule.id.as_str()),
        Cell::text(Shown::new(times).because(schedule.times.join("; "))),
        Cell::text(format.or_unknown(next, say(why_none))),
        last_start(visit, schedule),
        standing(visit, schedule),
        Cell::short(started),
    ];
    if visit.person.is_operator() {
        let act = if schedule.paused { Act::ResumeSchedule } else { Act::PauseSchedule };
        cells.push(Cell::link(say(act.words().0), act.href(&visit.query, &schedule.id)));
    }
    Row { cells, stands_out: schedule.paused }
}

fn last_start(visit: &Visit, schedule: &Scheduled) -> Cell {
    let (format, language) = (visit.format(), visit.language);
    let Some(last) = &schedule.last else {
        return Cell::text(format.unknown(language.say(Word::StatusNeverStarted)));
    };
    let at = last.started.or(last.due).map(|at| format.moment(at)).unwrap_or_default();
    let state = last.state.map(|state| server_state(language, state)).unwrap_or_default();
    let text = language.fill(Word::StatusStartedThen, &[("at", &at), ("state", state)]);
    let mut cell = Cell::text(Shown::new(text).because(short(&last.run_id)));
    cell.href = Some(href(visit, &last.run_id));
    cell
}

/// Whether it waits, with what people wrote; and what it missed.
fn standing(visit: &Visit, schedule: &Scheduled) -> Cell {
    let (format, language) = (visit.format(), visit.language);
    let state = if schedule.paused {
        Mark::state(RunState::Waiting, language).called(language.say(Word::OperatePaused))
    } else {
        Mark::state(RunState::Done, language).called(language.say(Word::StatusActive))
    };
    let counted = |count: u64, word: Word| (count > 0).then(|| language.fill(word, &[("count", &format.count(count))]));
    let note = Some(schedule.note.clone()).filter(|note| !note.is_empty());
    let missed = counted(schedule.missed, Word::StatusMissed);
    let skipped = counted(schedule.skipped, Word::StatusOverlapped);
    let said: Vec<_> = note.into_iter().chain(missed).chain(skipped).collect();
    let mut cell = Cell::text(said.join("; "));
    cell.mark = Some(state);
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_schedules_says_what_started_last_and_nothing_of_what_never_started() {
        let at: DateTime<Utc> = "2025-01-01T01:00:00Z".parse().unwrap();
        let last = LastStart {
            due: Some(at),
            started: None,
            workflow_id: "nightly-2025".to_owned(),
            run_id: "r1".to_owned(),
            state: Some(temporal::RunState::Completed),
        };
        let schedule = |id: &str, last: Option<LastStart>| Scheduled {
            id: id.to_owned(),
            workflow: "ChurnPipeline".to_owned(),
            input: "{}".to_owned(),
            time_zone: "Europe/Madrid".to_owned(),
            times: vec!["0 2 * * *".to_owned()],
            paused: last.is_none(),
            note: String::new(),
            next: vec![at, at],
            last,
            missed: 0,
            skipped: 2,
        };
        let frame = schedules_list(&[schedule("nightly", Some(last)), schedule("weekly", None)]).frame().unwrap();
        let texts = |name: &str| crate::data::cells::texts(&frame, name).unwrap();
        assert_eq!(texts("schedule_id"), [Some("nightly"), Some("weekly")]);
        assert_eq!(texts("last_started"), [Some("2025-01-01T01:00:00Z"), None]);
        assert_eq!(
            (texts("last_run_id"), texts("last_state")),
            (vec![Some("r1"), None], vec![Some("completed"), None])
        );
        assert_eq!(texts("next")[0], Some("2025-01-01T01:00:00Z; 2025-01-01T01:00:00Z"));
    }
}
