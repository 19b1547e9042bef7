//! What a run is for, which gives its workflow's ID; where it is served it must be so.

use std::path::Path;

use churn::{SnapshotDate, Watch};
use lake::documents::SettingsInForce;
use lake::{Lake, LakeId};
use protocol::pipeline::{AsOf, Mode, PipelineInput};
use protocol::{Digest, ModelVersion};

use crate::error::Result;
use crate::registry::Registry;
use crate::steps::tables::raw::{RawFiles, identify_raw};

/// Where a run is to be served, and by which settings.
#[derive(Debug, Clone)]
pub struct RunTarget {
    /// The lake.
    pub lake: LakeId,
    /// The settings of the queue's workers.
    pub settings: Digest,
}

/// The data of a run, and who scores it.
#[derive(Debug, Clone)]
pub struct Data {
    /// The date it looks from.
    pub as_of: SnapshotDate,
    /// The raw files.
    pub dataset: Digest,
    /// The champion and the number of the move that made it champion (a version may come back); it decides a run in
    /// score mode.
    pub champion: Option<(ModelVersion, u64)>,
}

impl RunTarget {
    /// The place of a run on a queue; our own settings count where no worker has ever started.
    pub async fn find(lake: &Lake, task_queue: &str, own_settings: impl FnOnce() -> Result<Digest>) -> Result<Self> {
        let settings = SettingsInForce::of_queue(lake, task_queue).await?.map(|note| note.digest);
        Ok(Self { lake: lake.identity().await?, settings: settings.map_or_else(own_settings, Ok)? })
    }

    /// The input with the place that it must be served at.
    pub fn require(&self, input: PipelineInput) -> PipelineInput {
        let settings = Some(self.settings.short().to_owned());
        PipelineInput { lake: Some(self.lake.to_string()), settings, ..input }
    }
}

impl Data {
    /// The data of an input, as it is now; copies of remote objects go below `scratch`.
    pub async fn find(
        lake: &Lake,
        registry: &Registry,
        input: &PipelineInput,
        scratch: &Path,
        watch: &dyn Watch,
    ) -> Result<Self> {
        let files = identify_raw(lake, input, scratch, watch).await?;
        Self::of(&files, lake, registry, input, scratch, watch).await
    }

    /// The same where the raw files are known.
    pub async fn of(
        files: &RawFiles,
        lake: &Lake,
        registry: &Registry,
        input: &PipelineInput,
        scratch: &Path,
        watch: &dyn Watch,
    ) -> Result<Self> {
        let as_of = match input.as_of.and_then(AsOf::date) {
            Some(as_of) => as_of,
            None => files.last_date(lake, scratch, watch).await?,
        };
        let champion = registry.champion().await?.map(|(pointer, _)| (pointer.version, pointer.number));
        Ok(Self { as_of, dataset: files.digest(), champion })
    }

    /// The input with the data that it must be served with.
    pub fn require(&self, input: PipelineInput) -> PipelineInput {
        PipelineInput { dataset: Some(self.dataset.short().to_owned()), ..input }
    }
}

/// `churn-pipeline-<mode>-<as_of>-<12 of the raw digest>-<8 of the digest of all else that decides the result>`.
pub fn workflow_id(input: &PipelineInput, place: &RunTarget, data: &Data) -> String {
    let champion = data.champion.as_ref().filter(|_| input.mode == Mode::Score);
    let asked = (input.raw_prefix(), &input.experiment, input.require_approval);
    let rest = Digest::of_json(&(&place.lake, place.settings.as_str(), champion, asked));
    let (mode, as_of, dataset) = (input.mode.as_str(), data.as_of, data.dataset.short());
    format!("churn-pipeline-{mode}-{as_of}-{dataset}-{}", &rest.as_str()[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(lake: &str, settings: &[u8]) -> RunTarget {
        let lake = serde_json::from_value(serde_json::Value::from(lake)).unwrap();
        RunTarget { lake, settings: Digest::of(settings) }
    }

    fn data(files: &[u8], champion: Option<(&str, u64)>) -> Data {
        let as_of = SnapshotDate::parse("2024-12-31").unwrap();
        Data { as_of, dataset: Digest::of(files), champion: champion.map(|(version, number)| (version.into(), number)) }
    }

    #[test]
    fn all_that_decides_a_result_is_in_the_id_and_nothing_else() {
        let here = place("a", b"settings");
        let train = PipelineInput::new(Mode::Train);
        let usual = workflow_id(&train, &here, &data(b"files", None));
        assert!(usual.starts_with("churn-pipeline-train-2024-12-31-"), "{usual}");
        assert_eq!(usual.len(), "churn-pipeline-train-2024-12-31-b33d54247d32-12345678".len());

        let with = |input: PipelineInput| workflow_id(&input, &here, &data(b"files", None));
        let experiment = Some("E0_baseline".to_owned());
        let others = [
            with(PipelineInput { experiment, ..train.clone() }),
            with(PipelineInput { require_approval: true, ..train.clone() }),
            with(PipelineInput { raw_prefix: Some("other".into()), ..train.clone() }),
            with(PipelineInput::new(Mode::Score)),
            workflow_id(&train, &place("b", b"settings"), &data(b"files", None)),
            workflow_id(&train, &place("a", b"others"), &data(b"files", None)),
            workflow_id(&train, &here, &data(b"other files", None)),
        ];
        for (place, other) in others.iter().enumerate() {
            assert_ne!(*other, usual, "case {place}");
        }
        // Said or left out, the same folder; and to force a run is not to ask for another one.
        assert_eq!(with(PipelineInput { raw_prefix: Some("raw".into()), ..train.clone() }), usual);
        assert_eq!(with(PipelineInput { force: true, ..train.clone() }), usual);
        assert_eq!(with(here.require(train)), usual);
    }

    #[test]
    fn who_is_champion_decides_a_run_in_score_mode_alone() {
        let here = place("a", b"settings");
        let id = |mode, champion| workflow_id(&PipelineInput::new(mode), &here, &data(b"files", champion));
        assert_ne!(id(Mode::Score, Some(("old", 1))), id(Mode::Score, Some(("new", 2))));
        assert_ne!(id(Mode::Score, Some(("old", 1))), id(Mode::Score, None));
        // Gone back to: what it scored before has been replaced since.
        assert_ne!(id(Mode::Score, Some(("old", 1))), id(Mode::Score, Some(("old", 3))));
        assert_eq!(id(Mode::Train, Some(("old", 1))), id(Mode::Train, Some(("new", 2))));
    }
}
