//! The tables of a run: its stages, what they made, the verdict, what the checks found, what went in, the settings,
//! what people were told.

use churn::model::Check;
use churn::quality::Finding;
use lake::documents::RunRecord;
use lake::keys::{MODELS, RUN_INDEX, RUNS};
use protocol::TableRef;
use serde_json::Value;

use super::lines::StageLine;
use super::seen::Seen;
use crate::data::{ListedAlert, moment};
use crate::export::List;
use crate::format::Shown;
use crate::frame::{Cell, Column, Mark, PageId, Row, RunState, TablePart};
use crate::pages::run_line::short;
use crate::pages::{alerts as told, checks as gate, downloads, findings, gone, known_alerts, stages as stage_names};
use crate::server::Visit;
use crate::words::Word;

/// Longer values of settings are cut; the whole stands in the record.
const LONGEST: usize = 60;

/// The strip of stages.
pub fn stages(visit: &Visit, seen: &Seen, stages: &[StageLine]) -> TablePart {
    let language = visit.language;
    let say = |word: Word| language.say(word);
    let columns = vec![
        Column::text(say(Word::StatusStage)),
        Column::text(say(Word::OperateState)),
        Column::number(say(Word::RunRows)),
        Column::number(say(Word::RunRowsBefore)).hint(say(Word::RunRowsBeforeHint)),
        Column::number(say(Word::OverviewDuration)),
        Column::text(say(Word::RunWhy)),
    ];
    let mut table = TablePart::new(language, "stages", say(Word::RunStages), columns)
        .rows(stages.iter().map(|stage| row(visit, stage)))
        .empty(say(Word::RunNoStages))
        .downloads(downloads::links(language, &visit.query));
    if let Some(before) = &seen.before {
        let run = short(&before.run_id);
        table = table.note(language.fill(Word::RunAgainst, &[("run", &run)]));
    }
    table
}

fn row(visit: &Visit, stage: &StageLine) -> Row {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let rows = stage.rows.map(|rows| format.count(rows));
    let change = stage.rows.zip(stage.rows_before).map(|(now, then)| {
        let shown = Shown::new(format.signed(now as f64 - then as f64, 0));
        shown.because(language.fill(Word::RunRowsThen, &[("rows", &format.count(then))]))
    });
    // What the run before made is not known either where its record cannot be read.
    let no_rows_before = gone::or_torn(visit.torn(), RUNS, Word::RunNoRowsBefore);
    let no_rows_before = gone::or_torn(visit.torn(), RUN_INDEX, no_rows_before);
    let seconds = stage.seconds.map(|seconds| format.seconds(seconds));
    Row::from(vec![
        Cell::short(stage_names::name(language, &stage.name)),
        Cell::mark(Mark::state(stage.state, language)),
        Cell::number(format.or_unknown(rows, say(Word::RunNotEnded))),
        Cell::number(change.unwrap_or_else(|| format.unknown(say(no_rows_before)))),
        Cell::number(format.or_unknown(seconds, say(Word::RunNotEnded))),
        why(visit, stage),
    ])
}

/// How far it is, and why it was skipped, made again or ended.
fn why(visit: &Visit, stage: &StageLine) -> Cell {
    let so_far = [slices(visit, stage), doing(visit, stage)].into_iter().flatten().collect::<Vec<_>>().join("; ");
    match stage.reason.as_deref().map(|reason| stage_names::reason(visit.language, reason)) {
        Some(reason) if so_far.is_empty() => Cell::said_quietly(reason),
        Some(reason) => Cell::quiet(so_far + ";").also(Some(reason)),
        None => Cell::quiet(so_far),
    }
}

fn slices(visit: &Visit, stage: &StageLine) -> Option<String> {
    let (done, all) = stage.slices?;
    let (done, all) = (visit.format().count(u64::from(done)), visit.format().count(u64::from(all)));
    Some(visit.language.fill(Word::RunSlices, &[("done", &done), ("all", &all)]))
}

/// What the heartbeats say.
fn doing(visit: &Visit, stage: &StageLine) -> Option<String> {
    let (format, doing) = (visit.format(), stage.doing.as_ref()?);
    let show = |count: u64| if doing.unit == "bytes" { format.bytes(count) } else { format.count(count) };
    let unit = visit.language.say(match doing.unit {
        "bytes" => Word::RunBytes,
        "contacts" => Word::RunContacts,
        "rounds" => Word::RunRounds,
        _ => Word::RunRowsUnit,
    });
    let (done, total) = (show(doing.work.done), show(doing.work.total));
    let counted = [("done", done.as_str()), ("total", total.as_str()), ("unit", unit)];
    let mut said = if doing.work.total > 0 { visit.language.fill(Word::RunDoing, &counted) } else { String::new() };
    if doing.work.attempt > 1 {
        let attempt = format.count(u64::from(doing.work.attempt));
        let tried = visit.language.fill(Word::RunAttempt, &[("attempt", &attempt)]);
        said = if said.is_empty() { tried } else { format!("{said}, {tried}") };
    }
    Some(said)
}

/// All other tables that have something to say.
pub fn of(visit: &Visit, seen: &Seen, stages: &[StageLine]) -> Vec<TablePart> {
    let mut tables = Vec::new();
    if let Some(record) = &seen.record {
        tables.extend(checks(visit, record));
    }
    tables.extend(findings::table(visit, "quality", visit.language.say(Word::RunQuality), &quality(seen)));
    if stages.iter().any(|stage| !stage.outputs.is_empty()) {
        tables.push(outputs(visit, seen, stages));
    }
    if !seen.alerts.is_empty() {
        tables.push(alerts(visit, &seen.alerts));
    }
    if let Some(record) = &seen.record {
        tables.push(inputs(visit, record));
        tables.push(settings(visit, record));
    }
    tables
}

/// The gate's checks, in train mode.
fn checks(visit: &Visit, record: &RunRecord) -> Option<TablePart> {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let checks: Vec<Check> = serde_json::from_value(record.result["verdict"]["checks"].clone()).ok()?;
    let row = |check: &Check| {
        let state = if check.passed {
            Mark::state(RunState::Done, language).called(say(Word::RunPassed))
        } else {
            Mark::state(RunState::Failed, language).called(say(Word::RunNotPassed))
        };
        let value = check.value.map(|value| format.score(value));
        Row::from(vec![
            Cell::text(gate::name(language, &check.name)),
            Cell::mark(state),
            Cell::number(format.or_unknown(value, say(Word::RunNothingToMeasure))),
            Cell::number(format.score(check.limit)),
            Cell::said_quietly(gate::note(format, check)),
        ])
    };
    let columns = vec![
        Column::text(say(Word::RunCheck)),
        Column::text(say(Word::OverviewOutcome)),
        Column::number(say(Word::RunValue)),
        Column::number(say(Word::RunLimit)),
        Column::text(say(Word::RunNote)),
    ];
    let table = TablePart::new(language, "checks", say(Word::RunVerdict), columns).rows(checks.iter().map(row));
    Some(downloads::listed(table, &visit.query, gate::list(&checks)))
}

/// What was found in the delivery and in the tables made of it, of a run at work so far; nothing in records of before.
fn quality(seen: &Seen) -> Vec<Finding> {
    match (&seen.record, seen.known_progress()) {
        (Some(record), _) => serde_json::from_value(record.result["quality"].clone()).unwrap_or_default(),
        (None, Some(progress)) => progress.quality.clone(),
        (None, None) => Vec::new(),
    }
}

/// What the stages made; tables lead to the explorer, where the run has results to be looked at.
fn outputs(visit: &Visit, seen: &Seen, stages: &[StageLine]) -> TablePart {
    let language = visit.language;
    let say = |word: Word| language.say(word);
    let has_results = stages.iter().any(|stage| stage.outputs.contains_key("scores"));
    let run = seen.line.run_id.as_str();
    let link = |table: &str, key: &str| {
        // The explorer shows tables of stages; what is kept of a model is none.
        if !has_results || !key.ends_with(".parquet") || key.starts_with(MODELS) {
            return Cell::short(table);
        }
        let query = visit.query.except(&[crate::query::RUN]);
        Cell::link(table, query.to(PageId::Explorer.path(), &[("run", run), ("table", table)]))
    };
    let made = stages.iter().flat_map(|stage| stage.outputs.iter().map(move |(table, key)| (stage, table, key)));
    let made: Vec<(&StageLine, &String, &String)> = made.collect();
    let row = |(stage, table, key): &(&StageLine, &String, &String)| {
        Row::from(vec![
            link(table, key),
            Cell::short(stage_names::name(language, &stage.name)),
            Cell::quiet(key.as_str()),
        ])
    };
    let columns =
        vec![Column::text(say(Word::RunOutput)), Column::text(say(Word::StatusStage)), Column::text(say(Word::RunKey))];
    let list = List::of(&made)
        .text("table", |(_, table, _)| (*table).clone())
        .text("stage", |(stage, ..)| stage.name.clone())
        .text("key", |(.., key)| (*key).clone());
    let table = TablePart::new(language, "outputs", say(Word::RunOutputs), columns).rows(made.iter().map(row));
    downloads::listed(table, &visit.query, list)
}

fn inputs(visit: &Visit, record: &RunRecord) -> TablePart {
    let language = visit.language;
    let say = |word: Word| language.say(word);
    let row = |(name, file): (&String, &TableRef)| {
        Row::from(vec![
            Cell::short(name.as_str()),
            Cell::short(Shown::new(file.digest.short()).because(file.digest.as_str())),
            Cell::quiet(file.key.as_str()),
        ])
    };
    let columns = vec![
        Column::text(say(Word::RunFile)),
        Column::text(say(Word::RunDigest)).hint(say(Word::RunDigestHint)),
        Column::text(say(Word::RunKey)),
    ];
    let files: Vec<(&String, &TableRef)> = record.inputs.iter().collect();
    let list = List::of(&files)
        .text("file", |(name, _)| (*name).clone())
        .text("digest", |(_, file)| file.digest.to_string())
        .text("key", |(_, file)| file.key.clone());
    let table = TablePart::new(language, "inputs", say(Word::RunInputs), columns)
        .rows(files.iter().copied().map(row))
        .empty(say(Word::RunNoInputs));
    downloads::listed(table, &visit.query, list)
}

/// What it was started with, the settings in force, and the version of every computation.
fn settings(visit: &Visit, record: &RunRecord) -> TablePart {
    let language = visit.language;
    let say = |word: Word| language.say(word);
    let versions = serde_json::json!(record.stage_versions);
    let input = record.input.clone().unwrap_or_default();
    let parts = [
        ("input", Word::RunInput, &input),
        ("settings", Word::RunSettings, &record.settings),
        ("stage_versions", Word::RunVersions, &versions),
    ];
    let leaves = parts.into_iter().flat_map(|(name, word, value)| {
        flat(value).into_iter().map(move |(path, value)| Leaf { part: name, word, path, value })
    });
    let leaves: Vec<Leaf> = leaves.collect();
    let row = |leaf: &Leaf| {
        let cut: String = leaf.value.chars().take(LONGEST).collect();
        let shown = if cut.len() < leaf.value.len() {
            Shown::new(format!("{cut}…")).because(leaf.value.as_str())
        } else {
            leaf.value.as_str().into()
        };
        Row::from(vec![Cell::short(leaf.path.as_str()), Cell::text(shown), Cell::quiet(say(leaf.word))])
    };
    let list = List::of(&leaves)
        .text("part", |leaf| leaf.part.to_owned())
        .text("name", |leaf| leaf.path.clone())
        .text("value", |leaf| leaf.value.clone());
    let columns =
        vec![Column::text(say(Word::RunSetting)), Column::text(say(Word::RunValue)), Column::text(say(Word::RunPart))];
    let table = TablePart::new(language, "settings", say(Word::RunSettings), columns).rows(leaves.iter().map(row));
    downloads::listed(table, &visit.query, list)
}

/// One value of the settings.
struct Leaf {
    /// Which part it is of, as the record calls it.
    part: &'static str,
    /// What readers call the part.
    word: Word,
    /// The names from the top.
    path: String,
    /// The whole of it.
    value: String,
}

/// The leaves of a JSON value: the names from the top joined by `.`, and the value as text. A list is a leaf.
pub fn flat(value: &Value) -> Vec<(String, String)> {
    let mut leaves = Vec::new();
    collect("", value, &mut leaves);
    leaves
}

fn collect(path: &str, value: &Value, leaves: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(&inner, value, leaves);
            }
        }
        Value::Null => {}
        Value::String(text) => leaves.push((path.to_owned(), text.clone())),
        other => leaves.push((path.to_owned(), other.to_string())),
    }
}

/// What people were told; operators may say that they know.
fn alerts(visit: &Visit, alerts: &[ListedAlert]) -> TablePart {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let row = |listed: &ListedAlert| {
        let alert = &listed.alert;
        let at = alert.at.as_deref().and_then(moment).map(|at| format.moment(at));
        Row::from(vec![
            Cell::said(told::subject(language, &alert.alert.subject)),
            Cell::short(format.or_unknown(at, say(Word::OverviewNoTime))),
            known_alerts::cell(visit, listed),
        ])
    };
    let columns = vec![
        Column::text(say(Word::OverviewWhat)),
        Column::text(say(Word::OverviewWhen)),
        Column::text(say(Word::RunKnown)),
    ];
    let table = TablePart::new(language, "alerts", say(Word::RunAlerts), columns).rows(alerts.iter().map(row));
    downloads::listed(table, &visit.query, told::list(alerts))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_are_their_leaves() {
        let leaves =
            flat(&json!({ "model": { "seed": 42, "folds": [1, 2] }, "intents": "745c", "none": null, "empty": {} }));
        let expected = [("intents", "745c"), ("model.folds", "[1,2]"), ("model.seed", "42")];
        let mut found: Vec<_> = leaves.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
        found.sort_unstable();
        assert_eq!(found, expected);
        assert!(flat(&Value::Null).is_empty());
    }
}
