//! Which figures there are, and what each is called where: the one table of names.

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureName {
    /// Runs that came to their result.
    RunSucceeded,
    /// Runs that failed.
    RunFailed,
    /// Rows made by the stages that were not skipped.
    RowsProcessed,
    /// Alerts that could not be delivered.
    AlertsUndelivered,
    /// Seconds of a stage.
    StageSeconds,
    /// Rows of a stage.
    StageRows,
    /// The quality of the model that a run trained.
    PrAuc,
    /// Whether something drifted.
    DriftDetected,
    /// How far it drifted.
    DriftLevel,
    /// How many features drifted.
    FeaturesDrifted,
    /// Whether the scores of the day are late.
    ScoresStale,
    /// The age of the scores, in hours.
    ScoresAge,
    /// How the promise of the morning stands.
    FreshnessState,
    /// Deliveries of raw files without a run.
    DeliveriesWaiting,
    /// Events of new raw files that a look has followed.
    RawEvents,
    /// Violations of the contracts of a layer.
    Findings,
}

/// What was looked at when a figure was seen. With several workers the newest look at it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Occasion {
    /// The end of a run.
    Run,
    /// The end of a run that trained.
    Training,
    /// The promise of the morning.
    Freshness,
    /// The raw files.
    Deliveries,
    /// What told of new raw files.
    Events,
    /// The tables of a layer.
    Layer,
}

impl Occasion {
    /// The word in Prometheus.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Training => "training",
            Self::Freshness => "freshness",
            Self::Deliveries => "deliveries",
            Self::Events => "events",
            Self::Layer => "layer",
        }
    }
}

/// When this process last looked at something.
pub const SEEN: Shown = Shown {
    name: "spanishgas_seen_timestamp_seconds",
    kind: Kind::Gauge,
    label: Some("what"),
    scale: 1.0,
    help: "When this worker last saw the figures of a run, a training, the freshness, the deliveries, their events, a layer",
};

/// What CloudWatch needs to know of a figure's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
    /// Neither: a share, a quality.
    None,
}

/// How Prometheus keeps a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The sum of all that came.
    Counter,
    /// The last that came.
    Gauge,
}

/// A figure as Prometheus shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// The name, by Prometheus' conventions: base units, `_total` for counters.
    pub name: &'static str,
    /// How it is kept.
    pub kind: Kind,
    /// The label that says what it is about, if it is about one of several.
    pub label: Option<&'static str>,
    /// What our unit is in Prometheus' base unit.
    pub scale: f64,
    /// What it is, in words.
    pub help: &'static str,
}

impl FigureName {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::RunSucceeded,
        Self::RunFailed,
        Self::RowsProcessed,
        Self::AlertsUndelivered,
        Self::StageSeconds,
        Self::StageRows,
        Self::PrAuc,
        Self::DriftDetected,
        Self::DriftLevel,
        Self::FeaturesDrifted,
        Self::ScoresStale,
        Self::ScoresAge,
        Self::FreshnessState,
        Self::DeliveriesWaiting,
        Self::RawEvents,
        Self::Findings,
    ];

    /// When it is seen.
    pub fn occasion(self) -> Occasion {
        match self {
            Self::PrAuc => Occasion::Training,
            Self::ScoresStale | Self::ScoresAge | Self::FreshnessState => Occasion::Freshness,
            Self::DeliveriesWaiting => Occasion::Deliveries,
            Self::RawEvents => Occasion::Events,
            Self::Findings => Occasion::Layer,
            Self::RunSucceeded
            | Self::RunFailed
            | Self::RowsProcessed
            | Self::AlertsUndelivered
            | Self::StageSeconds
            | Self::StageRows
            | Self::DriftDetected
            | Self::DriftLevel
            | Self::FeaturesDrifted => Occasion::Run,
        }
    }

    /// Name and unit in CloudWatch, of those that go there: each one costs by the month.
    pub fn in_cloudwatch(self) -> Option<(&'static str, Unit)> {
        match self {
            Self::RunSucceeded => Some(("RunSucceeded", Unit::Count)),
            Self::RunFailed => Some(("RunFailed", Unit::Count)),
            Self::RowsProcessed => Some(("RowsProcessed", Unit::Count)),
            Self::AlertsUndelivered => Some(("AlertsUndelivered", Unit::Count)),
            Self::StageSeconds => Some(("StageSeconds", Unit::Seconds)),
            Self::PrAuc => Some(("PrAuc", Unit::None)),
            Self::DriftDetected => Some(("DriftDetected", Unit::Count)),
            Self::FeaturesDrifted => Some(("FeaturesDrifted", Unit::Count)),
            Self::ScoresStale => Some(("ScoresStale", Unit::Count)),
            Self::ScoresAge => Some(("ScoresAgeHours", Unit::None)),
            Self::StageRows
            | Self::DriftLevel
            | Self::FreshnessState
            | Self::DeliveriesWaiting
            | Self::RawEvents
            | Self::Findings => None,
        }
    }

    /// As Prometheus shows it, of those that it shows.
    pub fn in_prometheus(self) -> Option<Shown> {
        let counter = |name, help| Shown { name, kind: Kind::Counter, label: None, scale: 1.0, help };
        let gauge = |name, help| Shown { kind: Kind::Gauge, ..counter(name, help) };
        let by = |label, shown: Shown| Shown { label: Some(label), ..shown };
        Some(match self {
            Self::RunSucceeded => counter("spanishgas_runs_succeeded_total", "Runs that came to their result"),
            Self::RunFailed => counter("spanishgas_runs_failed_total", "Runs that failed"),
            Self::RowsProcessed => counter("spanishgas_rows_processed_total", "Rows made by stages that ran"),
            Self::AlertsUndelivered => {
                counter("spanishgas_alerts_undelivered_total", "Alerts that could not be delivered")
            }
            Self::StageSeconds => by("stage", gauge("spanishgas_stage_seconds", "Seconds of a stage when it last ran")),
            Self::StageRows => by("stage", gauge("spanishgas_stage_rows", "Rows of a stage when it last ran")),
            Self::PrAuc => gauge("spanishgas_model_pr_auc", "PR-AUC on the holdout of the model that was trained last"),
            Self::DriftLevel => {
                gauge("spanishgas_drift_level", "Drift in the last run: 0 none, 1 warn, 2 critical, -1 cannot be told")
            }
            Self::FeaturesDrifted => gauge("spanishgas_features_drifted", "Columns that drifted in the last run"),
            Self::ScoresStale => gauge("spanishgas_scores_stale", "1 where the scores of the day are late"),
            Self::ScoresAge => {
                let age = gauge("spanishgas_scores_age_seconds", "Age of the published scores when last looked at");
                Shown { scale: 3600.0, ..age }
            }
            Self::FreshnessState => {
                by("state", gauge("spanishgas_freshness_state", "1 for the state of the morning's promise, else 0"))
            }
            Self::DeliveriesWaiting => {
                by("state", gauge("spanishgas_deliveries_waiting", "Deliveries of raw files that have no run yet"))
            }
            Self::RawEvents => {
                counter("spanishgas_raw_events_total", "Events of new raw files that a look has followed")
            }
            Self::Findings => {
                by("layer", gauge("spanishgas_findings", "Violations of the contracts when a layer was last checked"))
            }
            // Its level says more.
            Self::DriftDetected => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_prometheus_follow_its_conventions_and_are_there_once() {
        let figures = FigureName::ALL.into_iter().filter_map(FigureName::in_prometheus);
        let shown: Vec<_> = figures.chain([SEEN]).collect();
        for one in &shown {
            let plain = one.name.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'_');
            assert!(plain && one.name.starts_with("spanishgas_") && !one.help.is_empty(), "{one:?}");
            assert_eq!(one.kind == Kind::Counter, one.name.ends_with("_total"), "{}", one.name);
            assert!(one.kind == Kind::Gauge || one.label.is_none(), "a counter begins at 0, without a label: {one:?}");
        }
        let mut names: Vec<_> = shown.iter().map(|one| one.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), shown.len());
    }
}
