//! What programs read and send: the input of a run, its progress, its result and its record.

use std::fmt::Write as _;

use syn::{Field, ItemEnum, ItemStruct};

use super::markdown::{cell, code, table};
use super::sources::{Serde, Sources, doc};
use super::words;

/// Where the types are.
const FILES: [&str; 31] = [
    "protocol/src/pipeline/input.rs",
    "protocol/src/pipeline/decision.rs",
    "protocol/src/progress/of_run.rs",
    "protocol/src/progress/stage.rs",
    "protocol/src/progress/pause.rs",
    "protocol/src/progress/approval.rs",
    "protocol/src/pipeline/result.rs",
    "protocol/src/pipeline/run_result.rs",
    "protocol/src/pipeline/slice_result.rs",
    "protocol/src/pipeline/stage_name.rs",
    "protocol/src/progress/stage_result.rs",
    "protocol/src/steps/stage.rs",
    "protocol/src/steps/recommend.rs",
    "churn/src/recommend/value_settings.rs",
    "protocol/src/steps/detect_drift.rs",
    "protocol/src/steps/record_run.rs",
    "protocol/src/run.rs",
    "protocol/src/raw_watcher/input.rs",
    "protocol/src/raw_watcher/delivery.rs",
    "protocol/src/freshness/input.rs",
    "protocol/src/freshness/report.rs",
    "protocol/src/model_admin/input.rs",
    "protocol/src/model_admin/report.rs",
    "protocol/src/garbage_collection/input.rs",
    "protocol/src/garbage_collection/report.rs",
    "protocol/src/erasure/input.rs",
    "protocol/src/erasure/report.rs",
    "protocol/src/table_ref.rs",
    "lake/src/documents/run_record.rs",
    "lake/src/documents/run_index.rs",
    "churn/src/model/measure/metrics.rs",
];
/// More of them; `Check`, `DriftLevel` and `Finding` are part of a result.
const MORE_FILES: [&str; 6] = [
    "churn/src/model/decide/gate.rs",
    "churn/src/model/decide/check.rs",
    "churn/src/drift/verdict.rs",
    "churn/src/drift/settings.rs",
    "churn/src/quality/finding.rs",
    "churn/src/violation.rs",
];
/// Those of labels, and of what tries models.
const OF_TRIALS: [&str; 9] = [
    "protocol/src/backtest/input.rs",
    "protocol/src/backtest/report.rs",
    "protocol/src/experiment_ladder/input.rs",
    "protocol/src/experiment_ladder/leaderboard.rs",
    "churn/src/label/dates.rs",
    "churn/src/model/lead_time.rs",
    "churn/src/model/trial/algorithm.rs",
    "churn/src/model/trial/figures.rs",
    "churn/src/model/measure/bootstrap.rs",
];

/// The chapters: what it is, and its types in the order in which they are met.
const CHAPTERS: [(&str, &[&str]); 6] = [
    ("What a run takes", &["PipelineInput", "Mode", "Decision", "PauseRequest"]),
    (
        "What the query `progress` answers",
        &["Progress", "StageProgress", "StageState", "Pause", "Resumed", "WaitingApproval"],
    ),
    (
        "What a run returns",
        &[
            "PipelineResult",
            "LabelDates",
            "LabelSource",
            "EarlyEnd",
            "EarlyState",
            "RunError",
            "Outcome",
            "StageResult",
            "StageName",
            "ModelResult",
            "Metrics",
            "Confusion",
            "SliceResult",
            "JobUse",
            "VerdictResult",
            "Check",
            "OffersSummary",
            "PolicyKind",
            "DriftSummary",
            "PerformanceSummary",
            "DriftLevel",
            "DriftRule",
            "Finding",
            "Severity",
        ],
    ),
    (
        "What `RawWatcher`, `Freshness`, `ModelAdmin`, `GarbageCollection` and `EraseCustomers` take and return",
        &[
            "WatcherInput",
            "WatcherResult",
            "WatchedDelivery",
            "FreshnessInput",
            "FreshnessReport",
            "FreshnessState",
            "ScoresInForce",
            "ModelAdminInput",
            "ModelAction",
            "ModelAdminReport",
            "Administered",
            "GarbageCollectionInput",
            "GarbageReport",
            "GarbageOutcome",
            "Heap",
            "EraseInput",
            "ErasureReport",
            "ScoredAnew",
        ],
    ),
    (
        "What `Backtest` and `ExperimentLadder` take and return",
        &[
            "BacktestInput",
            "BacktestReport",
            "LeadTime",
            "OutOfTime",
            "LadderInput",
            "Leaderboard",
            "LeaderboardRow",
            "TrialName",
            "Algorithm",
            "TrialFigures",
            "Interval",
        ],
    ),
    (
        "What the lake keeps of a run",
        &["RunRecord", "RunResult", "Run", "TableRef", "Facts", "PublishedMetrics", "RunLine"],
    ),
];

pub fn text() -> String {
    let files: Vec<_> = FILES.into_iter().chain(MORE_FILES).chain(OF_TRIALS).collect();
    let sources = Sources::of(&files);
    let mut text = String::from(
        "# Messages\n\nThe fields of what programs send and read, all of it JSON. Times are RFC 3339, dates \
         `YYYY-MM-DD`. More fields may come: a reader ignores what it does not know.\n",
    );
    for (title, names) in CHAPTERS {
        write!(text, "\n## {title}\n").unwrap();
        for name in names {
            text += &section(name, &sources);
        }
    }
    text
}

fn section(name: &str, sources: &Sources) -> String {
    match (sources.find_struct(name), sources.find_enum(name)) {
        (Some(found), _) => format!("\n### {name}\n{}\n\n{}", doc(&found.attrs), fields(found)),
        (None, Some(found)) => format!("\n### {name}\n{}\n\n{}", doc(&found.attrs), variants(found)),
        (None, None) => panic!("{name} is in no file of reference/messages.rs"),
    }
}

/// Types of this document are links.
fn known(name: &str) -> Option<String> {
    let is_here = CHAPTERS.iter().any(|(_, names)| names.contains(&name));
    is_here.then(|| format!("[{name}](#{})", name.to_lowercase()))
}

fn fields(of: &ItemStruct) -> String {
    let inputs = [
        "PipelineInput",
        "Decision",
        "ModelAdminInput",
        "GarbageCollectionInput",
        "EraseInput",
        "BacktestInput",
        "LadderInput",
    ];
    let input = inputs.iter().any(|name| of.ident == name);
    table(["field", "type", "meaning"], of.fields.iter().map(|field| row(field, input)))
}

fn row(field: &Field, input: bool) -> [String; 3] {
    let serde = Serde::of(&field.attrs);
    let ident = field.ident.as_ref().expect("a named field").to_string();
    let left_out = if input && serde.has_default {
        "; may be left out"
    } else if serde.may_be_absent {
        "; absent when empty"
    } else {
        ""
    };
    let kind = words::of_type(&field.ty, &known) + left_out;
    [code(&serde.rename.unwrap_or(ident)), kind, cell(&doc(&field.attrs))]
}

/// The words of a type, or the types that one of them may be.
fn variants(of: &ItemEnum) -> String {
    let serde = Serde::of(&of.attrs);
    let rows = of.variants.iter().map(|variant| {
        let word = match variant.fields.iter().next() {
            Some(field) => words::of_type(&field.ty, &known),
            None => code(&serde.word(variant)),
        };
        [word, cell(&doc(&variant.attrs))]
    });
    table(["value", "meaning"], rows)
}
