//! Stopping what costs money: by the attempt that looks at a job, and for a run whose attempts are all lost.

use std::time::Duration;

use aws_sdk_sagemaker::operation::describe_training_job::DescribeTrainingJobOutput;
use aws_sdk_sagemaker::types::TrainingJobStatus;
use churn::Kind;
use lake::RemoteErrorKind;
use lake::aws::explain;
use lake::{Lake, keys};
use protocol::Run;

use super::ending::{JobEnd, ending};
use super::notes::Note;
use super::{SageMakerTrainer, status};
use crate::cancellation::{Asked, who_asked};
use crate::error::{Error, Result};
use crate::heartbeat::Heartbeat;

/// A stopped job has two minutes to end by itself; then SageMaker takes some to say so.
const STOP_PATIENCE: Duration = Duration::from_mins(5);
/// How long a job that was asked for may take to be seen.
const SEEN_WITHIN: Duration = Duration::from_secs(30);

impl SageMakerTrainer {
    /// A cancelled run stops its job. A worker that shuts down, or that lost the Temporal server, leaves
    /// it at work: the next attempt attaches.
    pub(super) async fn leave(&self, heartbeat: &Heartbeat, name: &str) -> Error {
        let asked = match heartbeat.context() {
            Some(ctx) => who_asked(ctx).await,
            None => Asked::Nobody,
        };
        if asked == Asked::Nobody {
            tracing::info!(job = name, "left a training job at work for the next attempt");
            return churn::Error::Cancelled.into();
        }
        match self.stop(heartbeat, name).await {
            Ok(()) => churn::Error::Cancelled.into(),
            Err(error) => error,
        }
    }

    /// Two runs on the same data share a job. When one of them is cancelled, the other takes a new job.
    pub(super) async fn stopped_with_another_run(&self, name: &str, error: Error) -> Result<Error> {
        let ours = matches!(error, Error::TrainingStopped { .. });
        if !ours || Lake::S3(self.lake.clone()).head(&keys::training_stopped(name)).await?.is_none() {
            return Ok(error);
        }
        let reason = "a run that shared it was cancelled".to_owned();
        Ok(Error::TrainingInterrupted { job: name.to_owned(), reason })
    }

    /// Tells every job of the run to stop that is still at work; their names. One that cannot be stopped
    /// keeps no other from it.
    pub(in super::super) async fn stop_all(&self, run: &Run) -> Result<Vec<String>> {
        let (mut told, mut failed) = (Vec::new(), None);
        for (name, note) in self.jobs_of(run).await? {
            match self.stop_if_at_work(run, &name, note).await {
                Ok(true) => told.push(name),
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(job = name, %error, "a training job could not be stopped");
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(told), Err)
    }

    async fn stop_if_at_work(&self, run: &Run, name: &str, note: Note) -> Result<bool> {
        let Some(job) = self.seen(name, note).await? else {
            return Ok(false);
        };
        if job.training_job_status() != Some(&TrainingJobStatus::InProgress) {
            return Ok(false);
        }
        self.note_stop(name, &run.workflow_id).await?;
        self.ask_to_stop(name).await?;
        tracing::info!(job = name, workflow_id = %run.workflow_id, "stopped a training job that its run left at work");
        Ok(true)
    }

    /// The job, if there is one. A worker may be lost in the middle of asking for it.
    #[expect(clippy::disallowed_methods, reason = "a job is waited for")]
    async fn seen(&self, name: &str, note: Note) -> Result<Option<DescribeTrainingJobOutput>> {
        let patience = if note == Note::Asked { SEEN_WITHIN } else { Duration::ZERO };
        let looking = tokio::time::Instant::now();
        loop {
            let found = self.describe(name).await?;
            if found.is_some() || looking.elapsed() >= patience {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_secs(self.settings.poll_secs).min(SEEN_WITHIN)).await;
        }
    }

    async fn stop(&self, heartbeat: &Heartbeat, name: &str) -> Result<()> {
        let workflow_id = heartbeat.context().and_then(|ctx| ctx.info().workflow_id.as_deref());
        self.note_stop(name, workflow_id.unwrap_or_default()).await?;
        let stopped = async {
            self.ask_until_heard(name).await?;
            while let Some(job) = self.describe(name).await? {
                heartbeat.status(status(&job));
                if !matches!(ending(name, &job), JobEnd::NotYet) {
                    break;
                }
                tokio::time::sleep(Duration::from_secs(self.settings.poll_secs)).await;
            }
            Ok(())
        };
        let Ok(stopped) = tokio::time::timeout(STOP_PATIENCE, stopped).await else {
            tracing::warn!(job = name, "a training job was told to stop and has not stopped yet");
            return Ok(());
        };
        stopped
    }

    async fn note_stop(&self, name: &str, workflow_id: &str) -> Result<()> {
        let note = workflow_id.as_bytes().to_vec();
        Ok(Lake::S3(self.lake.clone()).put(&keys::training_stopped(name), note).await?)
    }

    /// The job costs money; what is not heard here, the run tries once more when it ends.
    async fn ask_until_heard(&self, name: &str) -> Result<()> {
        while let Err(error) = self.ask_to_stop(name).await {
            match error.kind() {
                Kind::Permanent => return Err(error),
                Kind::Retry => tokio::time::sleep(Duration::from_secs(self.settings.poll_secs)).await,
            }
        }
        Ok(())
    }

    async fn ask_to_stop(&self, name: &str) -> Result<()> {
        let Err(error) = self.client.stop_training_job().training_job_name(name).send().await else {
            return Ok(());
        };
        let error = explain("sagemaker", "StopTrainingJob", name, &error);
        // A job that has just ended cannot be stopped, and need not be.
        if matches!(error.kind, RemoteErrorKind::Refused | RemoteErrorKind::Missing) {
            let job = self.describe(name).await?;
            if job.is_none_or(|job| job.training_job_status() != Some(&TrainingJobStatus::InProgress)) {
                return Ok(());
            }
        }
        Err(error.into())
    }
}
