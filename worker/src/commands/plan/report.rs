//! The plan as it is shown.

use activities::steps::plan::{Action, Plan, PlannedStage};
use activities::steps::run::Data;
use churn::SnapshotDate;
use churn::quality::{Finding, worst_first};
use protocol::pipeline::{Mode, PipelineInput, StageName};
use serde::Serialize;

use super::costs::{StageSeconds, in_all};

/// What `spanishgas plan --json` prints.
#[derive(Debug, Serialize)]
pub struct PlanReport {
    /// What the run would do.
    pub mode: Mode,
    /// The folder of the raw files.
    pub raw_prefix: String,
    /// The date it would look from; unknown without raw files.
    pub as_of: Option<SnapshotDate>,
    /// The first characters of the raw files' digest; unknown without them.
    pub dataset: Option<String>,
    /// Whether there is anything to do.
    pub work: bool,
    /// The ID that `spanishgas run` would give it; unknown while the lake has no identity.
    pub workflow_id: Option<String>,
    /// Whether there is such a run already.
    pub workflow: WorkflowSeen,
    /// Stage by stage.
    pub stages: Vec<StageLine>,
    /// How long it would take, as far as the last runs tell; unknown where there were none.
    pub seconds: Option<f64>,
    /// How many bytes it would write, as far as stored stages tell; unknown where there are none.
    pub bytes: Option<u64>,
    /// What is missing: raw files, a champion.
    pub missing: Vec<String>,
    /// What is seen of the delivery before anything is read whole: files that are passed over or there twice; the worst
    /// first.
    pub quality: Vec<Finding>,
    /// What else is to be known.
    pub notes: Vec<String>,
    #[serde(skip)]
    lacks: Option<Lack>,
}

/// What a run cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// Some of the raw files: it would fail.
    RawFiles,
    /// Raw files that are not refused.
    SoundFiles,
    /// Who scores: it would score nothing.
    Champion,
}

/// A stage with what it is expected to cost.
#[derive(Debug, Serialize)]
pub struct StageLine {
    /// The stage.
    #[serde(flatten)]
    pub stage: PlannedStage,
    /// The seconds that it is expected to take.
    pub seconds: Option<f64>,
}

/// What Temporal knows of a run of the ID.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkflowSeen {
    /// There is none (any more).
    Never,
    /// There is one, in this state: `running`, `completed`, `failed` ...
    Is(String),
    /// Nobody could be asked, for this reason.
    NotKnown(String),
}

impl PlanReport {
    /// Without raw files nothing can be planned.
    pub fn without_raw_files(mode: Mode, prefix: &str, missing: &[String]) -> Self {
        let prefix = prefix.trim_end_matches('/');
        Self {
            mode,
            raw_prefix: prefix.to_owned(),
            as_of: None,
            dataset: None,
            work: true,
            workflow_id: None,
            workflow: WorkflowSeen::Never,
            stages: Vec::new(),
            seconds: None,
            bytes: None,
            missing: missing.iter().map(|name| format!("{prefix}/{name}")).collect(),
            quality: Vec::new(),
            notes: Vec::new(),
            lacks: Some(Lack::RawFiles),
        }
    }

    pub fn of(
        input: &PipelineInput,
        data: &Data,
        plan: Plan,
        seconds: &StageSeconds,
        workflow_id: Option<String>,
        workflow: WorkflowSeen,
        notes: Vec<String>,
    ) -> Self {
        let line = |stage: PlannedStage| StageLine { seconds: seconds.expected(&stage), stage };
        let stages: Vec<_> = plan.stages.into_iter().map(line).collect();
        let work = stages.iter().any(|line| matches!(line.stage.action, Action::Run | Action::Depends));
        let lacks = (data.champion.is_none() && input.mode == Mode::Score).then_some(Lack::Champion);
        Self {
            mode: input.mode,
            raw_prefix: input.raw_prefix().trim_end_matches('/').to_owned(),
            as_of: Some(plan.as_of),
            dataset: Some(data.dataset.short().to_owned()),
            work,
            workflow_id,
            workflow,
            seconds: in_all(stages.iter().map(|line| (line.stage.name, line.seconds))),
            bytes: stages.iter().filter_map(|line| line.stage.bytes).reduce(|sum, more| sum + more),
            missing: lacks.map(|_| "a champion: train one first (mode train)".to_owned()).into_iter().collect(),
            quality: Vec::new(),
            notes,
            stages,
            lacks,
        }
    }

    /// The same with what is seen of the delivery; what blocks would end the run.
    pub fn with_quality(mut self, mut findings: Vec<Finding>) -> Self {
        worst_first(&mut findings);
        if findings.iter().any(Finding::blocks) && self.lacks != Some(Lack::RawFiles) {
            self.lacks = Some(Lack::SoundFiles);
        }
        self.quality = findings;
        self
    }

    /// What a run would fail, or score nothing, for want of.
    pub fn lacks(&self) -> Option<Lack> {
        self.lacks
    }

    /// Whether there is such a thing.
    pub fn lacks_what_it_needs(&self) -> bool {
        self.lacks.is_some()
    }

    /// How many stages would be treated so.
    pub fn count(&self, action: Action) -> usize {
        self.stages.iter().filter(|line| line.stage.action == action).count()
    }

    /// Whether the last runs tell how long each stage takes.
    pub fn all_seconds_known(&self) -> bool {
        self.stages.iter().all(|line| line.seconds.is_some())
    }

    /// The reason that the last stage gives.
    pub fn publication(&self) -> Option<&str> {
        let publish = self.stages.iter().find(|line| line.stage.name == StageName::Publish);
        publish.map(|line| line.stage.reason.as_str())
    }
}
