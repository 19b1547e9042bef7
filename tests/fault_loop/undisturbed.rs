//! The run that nobody disturbs: what every other must come to.

use std::time::Duration;

use super::contents::{Contents, results};
use super::ground::{A_DISTURBED_RUN, Ground};
use super::run::End;
use support::lake::TestLake;

/// A lake after one run, its contents, and how long the stages took.
pub struct Undisturbed {
    /// What any lake holds after it.
    pub contents: Contents,
    seconds: Vec<(String, f64)>,
    ground: Ground,
}

impl Undisturbed {
    /// Makes it.
    pub fn new() -> Self {
        let ground = Ground::new();
        let worker = ground.worker();
        let end = ground.start().end(A_DISTURBED_RUN);
        assert!(matches!(end, End::Completed), "{end:?}\n{}", worker.log());
        let records: Vec<_> =
            ground.lake.keys(&["runs"]).into_iter().filter(|key| key.ends_with("/run.json")).collect();
        let [record] = records.as_slice() else { panic!("one run leaves one record: {records:?}") };
        let record = ground.lake.json(record);
        let stages = record["result"]["stages"].as_array().expect("a record lists the stages");
        let line = |stage: &serde_json::Value| Some((stage["name"].as_str()?.to_owned(), stage["seconds"].as_f64()?));
        let seconds = stages.iter().filter_map(line).collect();
        let (code, log) = worker.terminate(Duration::from_secs(40));
        assert_eq!(code, Some(0), "{log}");
        Self { contents: Contents::of(&ground.lake), seconds, ground }
    }

    /// The lake.
    pub fn lake(&self) -> &TestLake {
        &self.ground.lake
    }

    /// How long a stage took.
    pub fn time_of(&self, stage: &str) -> Duration {
        let line = self.seconds.iter().find(|(name, _)| name == stage);
        let (_, seconds) = line.unwrap_or_else(|| panic!("the run has no stage {stage}"));
        // What is over in no time has a moment still.
        Duration::from_secs_f64(seconds.max(0.01))
    }

    /// How long all of them took.
    pub fn time(&self) -> Duration {
        Duration::from_secs_f64(self.seconds.iter().map(|(_, seconds)| seconds).sum())
    }

    /// A ground with a copy of this lake.
    pub fn copied(&self) -> Ground {
        let ground = Ground::new();
        for key in results(self.lake()) {
            let copy = ground.lake.at(&key);
            std::fs::create_dir_all(copy.parent().expect("a key has a folder")).expect("a folder can be made");
            std::fs::copy(self.lake().at(&key), copy).expect("an object can be copied");
        }
        ground
    }
}
