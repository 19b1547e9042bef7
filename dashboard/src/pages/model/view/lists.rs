//! The tables: groups, the peer's protocol, versions, what happened.

use churn::model::{Check, GroupMetrics, Metrics};

use super::super::board::{Line, MOST};
use super::super::timeline::{Against, Event, Happened, Who, Why};
use super::slices::too_few;
use super::{Asked, is_known, no_entry, short, status_word};
use crate::format::Shown;
use crate::frame::{Cell, Column, Mark, PageId, Row, RunState, TablePart};
use crate::pages::{checks as told, downloads, names};
use crate::words::{Language, Said, Word};

/// So many events are shown.
const EVENTS: usize = 50;

/// The figures by segment and by sales channel.
pub fn groups(asked: &Asked<'_>) -> Vec<TablePart> {
    let Some(found) = asked.evaluation() else { return Vec::new() };
    vec![
        group(asked, "segments", (Word::ModelSegments, Word::RiskSegment), &found.segments),
        group(asked, "channels", (Word::ModelChannels, Word::RiskChannel), &found.sales_channels),
    ]
}

fn group(asked: &Asked<'_>, id: &'static str, (caption, head): (Word, Word), groups: &[GroupMetrics]) -> TablePart {
    let (format, language) = (asked.format(), asked.language());
    let row = |group: &GroupMetrics| {
        let why = too_few(asked, group.positives);
        let figure = |value: Option<f64>| Cell::number(format.or_unknown(value.map(|value| format.score(value)), &why));
        let observed = group.positives as f64 / group.rows.max(1) as f64;
        let name = if group.group == "missing" {
            asked.say(Word::NameUnknown).to_owned()
        } else {
            names::word(language, &group.group)
        };
        Row::from(vec![
            Cell::short(name),
            Cell::number(format.count(group.rows)),
            Cell::number(format.count(group.positives)),
            figure(group.pr_auc),
            figure(group.roc_auc),
            figure(group.precision),
            figure(group.recall),
            Cell::number(format.percent(group.mean_probability)),
            Cell::number(format.percent(observed)),
            Cell::number(format.points_between(observed, group.mean_probability)),
        ])
    };
    let columns = vec![
        Column::text(asked.say(head)),
        Column::number(asked.say(Word::RiskCustomers)),
        Column::number(asked.say(Word::ModelLeft)),
        Column::number(asked.say(Word::OverviewPrAuc)),
        Column::number(asked.say(Word::OverviewRocAuc)),
        Column::number(asked.say(Word::ModelPrecision)),
        Column::number(asked.say(Word::ModelRecall)),
        Column::number(asked.say(Word::ModelPredicted)),
        Column::number(asked.say(Word::ModelObserved)),
        Column::number(asked.say(Word::ModelOverrated)).hint(asked.say(Word::ModelOverratedHint)),
    ];
    TablePart::new(language, id, asked.say(caption), columns)
        .rows(groups.iter().map(row))
        .empty(asked.say(Word::ModelNoGroups))
        .downloads(downloads::links_of(language, &asked.visit.query, id))
}

/// Categories that training never saw; nothing where it saw all.
pub fn unseen(asked: &Asked<'_>) -> Option<TablePart> {
    let (format, language, found) = (asked.format(), asked.language(), asked.evaluation()?);
    if found.unseen_categories.is_empty() {
        return None;
    }
    let columns = vec![Column::text(asked.say(Word::ModelFeature)), Column::number(asked.say(Word::RiskCustomers))];
    let rows = found.unseen_categories.iter();
    let rows =
        rows.map(|(feature, rows)| Row::from(vec![Cell::short(feature.as_str()), Cell::number(format.count(*rows))]));
    let table = TablePart::new(language, "unseen", asked.say(Word::ModelUnseen), columns).rows(rows);
    Some(table.downloads(downloads::links_of(language, &asked.visit.query, "unseen")))
}

/// The same model as comparable ones are often measured.
pub fn peer(asked: &Asked<'_>) -> Option<TablePart> {
    let (format, language, found) = (asked.format(), asked.language(), asked.evaluation()?);
    let (ours, peer) = (&found.summary.metrics, &found.peer_protocol);
    let row = |label: Word, digits: usize, of: fn(&Metrics) -> f64| {
        Row::from(vec![
            Cell::short(asked.say(label)),
            Cell::number(format.number(of(ours), digits)),
            Cell::number(format.number(of(peer), digits)),
        ])
    };
    let columns = vec![
        Column::text(asked.say(Word::ModelFigure)),
        Column::number(asked.say(Word::ModelOurs)),
        Column::number(asked.say(Word::ModelPeers)),
    ];
    let table = TablePart::new(language, "peer", asked.say(Word::ModelPeer), columns).rows([
        row(Word::OverviewPrAuc, 3, |metrics| metrics.pr_auc),
        row(Word::OverviewRocAuc, 3, |metrics| metrics.roc_auc),
        row(Word::ModelPrecision, 3, |metrics| metrics.precision),
        row(Word::ModelRecall, 3, |metrics| metrics.recall),
        row(Word::ModelF1, 3, |metrics| metrics.f1),
        row(Word::ModelBrier, 4, |metrics| metrics.brier),
        row(Word::ModelEce, 4, |metrics| metrics.ece),
        row(Word::ModelLift, 2, |metrics| metrics.top_decile_lift),
        row(Word::ModelThreshold, 4, |metrics| metrics.threshold),
    ]);
    Some(table.downloads(downloads::links_of(language, &asked.visit.query, "peer")))
}

/// The versions beside each other.
pub fn board(asked: &Asked<'_>, lines: &[Line]) -> TablePart {
    let (format, language) = (asked.format(), asked.language());
    let unknown = |value: Option<String>, why: Word| format.or_unknown(value, asked.say(why));
    let row = |line: &Line| {
        let status = line.status.map(|status| asked.say(status_word(status)).to_owned());
        let standing =
            if line.champion == Some(true) { Some(asked.say(Word::ModelChampion).to_owned()) } else { status };
        let no_entry = no_entry(asked, &line.version);
        let pr_auc = line.pr_auc.map(|value| match line.interval {
            Some(interval) => format.score_interval(value, interval.low, interval.high),
            None => format.score(value),
        });
        let cells = vec![
            Cell::link(short(&line.version), asked.href(&line.version)),
            Cell::number(unknown(pr_auc, Word::OverviewNoEvaluation)),
            Cell::short(unknown(standing, no_entry)),
            Cell::short(unknown(line.experiment.clone(), Word::ModelNoMetadata)),
            Cell::short(unknown(line.algorithm.clone(), Word::ModelNoMetadata)),
            Cell::number(unknown(line.roc_auc.map(|value| format.score(value)), Word::OverviewNoEvaluation)),
            Cell::number(unknown(line.brier.map(|value| format.number(value, 4)), Word::OverviewNoEvaluation)),
            Cell::number(unknown(line.rows.map(|rows| format.count(rows)), Word::OverviewNoEvaluation)),
            Cell::short(unknown(line.registered.map(|at| format.moment(at)), no_entry)),
        ];
        Row { cells, stands_out: line.version == asked.subject.version }
    };
    let columns = vec![
        Column::text(asked.say(Word::ModelVersion)),
        Column::number(asked.say(Word::OverviewPrAuc)),
        Column::text(asked.say(Word::ModelStanding)),
        Column::text(asked.say(Word::ModelExperiment)),
        Column::text(asked.say(Word::ModelAlgorithm)),
        Column::number(asked.say(Word::OverviewRocAuc)),
        Column::number(asked.say(Word::ModelBrier)),
        Column::number(asked.say(Word::ModelHoldout)),
        Column::text(asked.say(Word::ModelRegistered)),
    ];
    let (shown, all) = (format.count(lines.len() as u64), format.count(asked.looked.versions.len() as u64));
    let note = if asked.looked.versions.len() > MOST { Word::ModelBoardSome } else { Word::ModelBoardAll };
    TablePart::new(language, "versions", asked.say(Word::ModelBoard), columns)
        .note(language.fill(note, &[("shown", &shown), ("all", &all)]))
        .rows(lines.iter().map(row))
        .downloads(downloads::links_of(language, &asked.visit.query, "versions"))
}

/// Who was champion since when, who decided it and why.
pub fn timeline(asked: &Asked<'_>, events: &[Event]) -> TablePart {
    let language = asked.language();
    let columns = vec![
        Column::text(asked.say(Word::OverviewWhen)),
        Column::text(asked.say(Word::OverviewWhat)),
        Column::text(asked.say(Word::ModelVersion)),
        Column::text(asked.say(Word::ModelBy)),
        Column::text(asked.say(Word::OverviewWhy)),
        Column::text(asked.say(Word::OverviewRun)),
    ];
    TablePart::new(language, "timeline", asked.say(Word::ModelTimeline), columns)
        .rows(events.iter().take(EVENTS).map(|event| event_row(asked, event)))
        .empty(asked.say(Word::ModelNoEvents))
        .downloads(downloads::links_of(language, &asked.visit.query, "timeline"))
}

fn event_row(asked: &Asked<'_>, event: &Event) -> Row {
    let (format, language) = (asked.format(), asked.language());
    let at = event.at.map(|at| format.moment(at));
    let (state, word) = match event.happened {
        Happened::Promoted => (RunState::Done, Word::ModelPromoted),
        Happened::RolledBack => (RunState::Waiting, Word::ModelRolledBack),
        Happened::Rejected => (RunState::Failed, Word::ModelRejected),
        Happened::Withdrawn => (RunState::Failed, Word::ModelWithdrawn),
        Happened::Reinstated => (RunState::Done, Word::ModelReinstated),
    };
    let who = match &event.who {
        Who::Workflow(id) => Cell::quiet(id.as_str()),
        Who::Person(name) => Cell::text(name.as_str()),
    };
    let why = event.why.iter().map(|why| match why {
        Why::Check(check) => told::note(format, check),
        // In the language of who said it.
        Why::Reason(words) => words.as_str().into(),
    });
    let version = if is_known(asked, &event.version) {
        Cell::link(short(&event.version), asked.href(&event.version))
    } else {
        Cell::short(Shown::new(short(&event.version)).because(event.version.as_str()))
    };
    let run = event.run.as_ref().map_or_else(Cell::default, |(workflow, run)| run_cell(asked, workflow, run));
    Row::from(vec![
        Cell::short(format.or_unknown(at, asked.say(Word::ModelNoTime))),
        Cell::mark(Mark::state(state, language).called(asked.say(word))),
        version,
        who,
        Cell::list(why.chain(event.against.as_ref().map(|against| overrode(asked, against)))),
        run,
    ])
}

/// What a person promoted a version against. Where one of its checks has no words here, all stand in the gate's own.
fn overrode(asked: &Asked<'_>, against: &Against) -> Said {
    let language = asked.language();
    let of = |language: Language, checks: &str| language.fill(Word::ModelOverrode, &[("checks", checks)]);
    let in_words = |check: &Check| {
        let note = told::note(asked.format(), check);
        note.lang.is_none().then(|| format!("{}: {}", told::name(language, &check.name), note.text))
    };
    let checks: Option<Vec<String>> = against.checks.iter().map(in_words).collect();
    match checks.filter(|checks| !checks.is_empty()) {
        Some(checks) => of(language, &checks.join("; ")).into(),
        None => Said::english(language, of(Language::En, &against.words)),
    }
}

/// A run of the pipeline has a page here; any other one is in Temporal's own pages, where these are known.
fn run_cell(asked: &Asked<'_>, workflow: &str, run: &str) -> Cell {
    let end: String = run.chars().skip(run.chars().count().saturating_sub(8)).collect();
    let text = format!("…{end}");
    if workflow.starts_with("model-admin-") {
        return match asked.visit.in_temporal(workflow, run) {
            Some(href) => Cell::link(text, href),
            None => Cell::short(Shown::new(text).because(workflow)),
        };
    }
    Cell::link(text, asked.visit.query.to(&format!("{}/{run}", PageId::Status.path()), &[]))
}
