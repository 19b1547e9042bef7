//! What a run is for, which gives its workflow's ID; where it is served it must be so.

use chrono_tz::Tz;
use churn::SnapshotDate;
use lake::documents::SettingsInForce;
use lake::{Lake, LakeId};
use protocol::pipeline::{AsOf, Mode, PipelineInput};
use protocol::{Digest, ModelVersion};

use crate::configuration::Configuration;
use crate::error::Result;
use crate::registry::Registry;
use crate::steps::tables::raw::{Look, RawFiles, identify_raw};

/// Where a run is to be served, and by which settings.
#[derive(Debug, Clone)]
pub struct RunTarget {
    /// The lake.
    pub lake: LakeId,
    /// The settings of the queue's workers.
    pub settings: Digest,
    /// Their `time_zone`.
    pub zone: Tz,
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
    /// Where workers with these settings serve it.
    pub fn of(lake: LakeId, configuration: &Configuration) -> Self {
        Self { lake, settings: configuration.digest(), zone: configuration.pipeline.time_zone }
    }

    /// The place of a run on a queue; our own settings count where no worker has ever started, and for what one from before
    /// has not said.
    pub async fn find(
        lake: &Lake,
        task_queue: &str,
        own_settings: impl FnOnce() -> Result<Configuration>,
    ) -> Result<Self> {
        let note = SettingsInForce::of_queue(lake, task_queue).await?;
        let identity = lake.identity().await?;
        let Some(SettingsInForce { digest, time_zone, .. }) = note else {
            return Ok(Self::of(identity, &own_settings()?));
        };
        let zone = match time_zone {
            Some(name) => zone_of_workers(&name, task_queue)?,
            None => own_settings()?.pipeline.time_zone,
        };
        Ok(Self { lake: identity, settings: digest, zone })
    }

    /// The input with the place that it must be served at.
    pub fn require(&self, input: PipelineInput) -> PipelineInput {
        let settings = Some(self.settings.short().to_owned());
        PipelineInput { lake: Some(self.lake.to_string()), settings, ..input }
    }
}

impl Data {
    /// The data of an input, as it is now.
    pub async fn find(lake: &Lake, registry: &Registry, input: &PipelineInput, look: Look<'_>) -> Result<Self> {
        let files = identify_raw(lake, input, look.scratch, look.watch).await?;
        Self::of(&files, lake, registry, input, look).await
    }

    /// The same where the raw files are known.
    pub async fn of(
        files: &RawFiles,
        lake: &Lake,
        registry: &Registry,
        input: &PipelineInput,
        look: Look<'_>,
    ) -> Result<Self> {
        let as_of = match input.as_of.and_then(AsOf::date) {
            Some(as_of) => as_of,
            None => files.last_date(lake, look).await?,
        };
        let champion = registry.champion().await?.map(|(pointer, _)| (pointer.version, pointer.number));
        Ok(Self { as_of, dataset: files.digest(), champion })
    }

    /// The input with the data that it must be served with.
    pub fn require(&self, input: PipelineInput) -> PipelineInput {
        PipelineInput { dataset: Some(self.dataset.short().to_owned()), ..input }
    }
}

fn zone_of_workers(name: &str, task_queue: &str) -> Result<Tz> {
    let unknown = |_| {
        let problem =
            format!("the workers work with `{name}`, which is unknown here; use the program that they are of");
        churn::Error::settings(format!("time_zone of task queue {task_queue}"), problem)
    };
    Ok(name.parse::<Tz>().map_err(unknown)?)
}

/// `churn-pipeline-<mode>-<as_of>-<12 of the raw digest>-<8 of the digest of all else that decides the result>`.
pub fn workflow_id(input: &PipelineInput, place: &RunTarget, data: &Data) -> String {
    let champion = data.champion.as_ref().filter(|_| input.mode == Mode::Score);
    let asked = (input.raw_prefix(), &input.experiment, input.require_approval);
    let all = (&place.lake, place.settings.as_str(), champion, asked);
    // Who asks for the last date in the files gets it; for whoever asks for none, the run settles what the readings cover.
    let rest = match input.as_of.and_then(AsOf::date) {
        Some(_) => Digest::of_json(&(all, "as asked")),
        None => Digest::of_json(&all),
    };
    let (mode, as_of, dataset) = (input.mode.as_str(), data.as_of, data.dataset.short());
    format!("churn-pipeline-{mode}-{as_of}-{dataset}-{}", &rest.as_str()[..8])
}

#[cfg(test)]
mod tests {
    use lake::FolderLake;

    use super::*;

    fn place(lake: &str, settings: &[u8]) -> RunTarget {
        let lake = serde_json::from_value(serde_json::Value::from(lake)).unwrap();
        RunTarget { lake, settings: Digest::of(settings), zone: Tz::Europe__Madrid }
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
            // The last date in the files may lie behind all that they cover.
            with(PipelineInput {
                as_of: Some(AsOf::Date(SnapshotDate::parse("2024-12-31").unwrap())),
                ..train.clone()
            }),
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

    #[tokio::test]
    async fn the_zone_is_that_of_the_queues_workers_and_ours_where_they_have_not_said_it() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let zone = async |noted: Option<&str>| {
            if let Some(name) = noted {
                let time_zone = Some(name).filter(|name| !name.is_empty()).map(str::to_owned);
                let (task_queue, digest) = ("q".to_owned(), Digest::of(b"theirs"));
                let note = SettingsInForce { task_queue, digest, time_zone, model_keys: None, payload_keys: None };
                note.announce(&lake).await.unwrap();
            }
            // Neither theirs nor the one that nobody need name.
            let ours = || -> Result<Configuration> {
                let mut settings = Configuration::load(None)?;
                settings.pipeline.time_zone = Tz::Atlantic__Azores;
                Ok(settings)
            };
            RunTarget::find(&lake, "q", ours).await.map(|place| place.zone)
        };
        assert_eq!(zone(None).await.unwrap(), Tz::Atlantic__Azores);
        assert_eq!(zone(Some("Atlantic/Canary")).await.unwrap(), Tz::Atlantic__Canary);
        assert_eq!(zone(Some("")).await.unwrap(), Tz::Atlantic__Azores, "of a worker from before");
        let unknown = zone(Some("Mars/Olympus")).await.unwrap_err().to_string();
        assert!(unknown.contains("time_zone of task queue q") && unknown.contains("`Mars/Olympus`"), "{unknown}");
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
