//! Which run has started (or found) which job: notes in the lake, so that a job is found without its
//! creator, whatever image or settings the finder has.

use std::collections::BTreeMap;

use lake::{Lake, keys};
use protocol::Run;

use super::SageMakerTrainer;
use crate::error::Result;

/// What is known of a job's creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    /// It is being asked for: it may come about after its creator is lost.
    Asked,
    /// It is there.
    Made,
    /// SageMaker would not have it.
    Refused,
}

impl Note {
    fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Made => "made",
            Self::Refused => "refused",
        }
    }

    /// What cannot be read must be looked for longest.
    fn parse(text: &[u8]) -> Self {
        let all = [Self::Made, Self::Refused];
        all.into_iter().find(|note| note.as_str().as_bytes() == text).unwrap_or(Self::Asked)
    }
}

impl SageMakerTrainer {
    /// Writes down that the run has to do with the job.
    pub(super) async fn note(&self, run: &Run, job: &str, note: Note) -> Result<()> {
        let key = keys::training_of_run(&run.run_id) + job;
        Ok(Lake::S3(self.lake.clone()).put(&key, note.as_str().as_bytes().to_vec()).await?)
    }

    /// The jobs that the run has to do with.
    pub(super) async fn jobs_of(&self, run: &Run) -> Result<BTreeMap<String, Note>> {
        let lake = Lake::S3(self.lake.clone());
        let folder = keys::training_of_run(&run.run_id);
        let mut jobs = BTreeMap::new();
        for found in lake.list(&folder).await? {
            let note = Note::parse(&lake.read(&found.key).await?);
            jobs.insert(found.key[folder.len()..].to_owned(), note);
        }
        Ok(jobs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_back_and_a_damaged_one_is_looked_for() {
        for note in [Note::Asked, Note::Made, Note::Refused] {
            assert_eq!(Note::parse(note.as_str().as_bytes()), note);
        }
        assert_eq!(Note::parse(b"mad"), Note::Asked);
    }
}
