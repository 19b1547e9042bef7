//! Training as a SageMaker job. The job's name follows from what decides the model, so a worker that
//! comes later finds the job that another one started, and attaches.

mod artifact;
mod ending;
mod notes;
mod request;
mod stop;

use std::path::Path;
use std::time::Duration;

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::operation::describe_training_job::DescribeTrainingJobOutput;
use aws_sdk_sagemaker::types::TrainingJobStatus;
use ending::{JobEnd, ending};
use lake::aws::{code, explain};
use lake::{Lake, S3Lake, keys};
use lake::{RemoteError, RemoteErrorKind};
use notes::Note;
use protocol::Digest;
use protocol::steps::JobUse;

use super::{Channel, Trained, TrainingJob};
use crate::aws::settings::TrainingSettings;
use crate::error::{Error, Result};
use crate::heartbeat::Heartbeat;

/// So many jobs of one name are looked through; far more than a training may be tried.
const MOST_JOBS: u32 = 1000;

/// The SageMaker adapter.
#[derive(Debug, Clone)]
pub struct SageMakerTrainer {
    client: Client,
    lake: S3Lake,
    settings: TrainingSettings,
}

impl SageMakerTrainer {
    /// A trainer whose jobs read and write this lake.
    pub fn new(client: Client, lake: S3Lake, settings: TrainingSettings) -> Self {
        Self { client, lake, settings }
    }

    pub(super) async fn train(&self, heartbeat: &Heartbeat, job: &TrainingJob, scratch: &Path) -> Result<Trained> {
        // From here on a cancellation waits until the job has stopped.
        let _held = heartbeat.delay_cancellation();
        let name = self.find_or_create(heartbeat, job).await?;
        let ended = self.wait(heartbeat, &name).await?;
        let uri = model_uri(&ended).unwrap_or_default();
        let model = artifact::fetch(&self.lake, &name, &uri, scratch).await?;
        Ok(Trained { model, job: Some(self.used(&name, &ended)) })
    }

    /// The job of this name that is at work or has its model; else a new one with the next number.
    /// Names are unique for ever, so a job that failed keeps its number.
    async fn find_or_create(&self, heartbeat: &Heartbeat, job: &TrainingJob) -> Result<String> {
        let base = self.base_name(job);
        let started = self.jobs_of(&job.run).await?;
        let mut billed_secs = 0;
        for number in 1..=MOST_JOBS {
            let name = format!("{base}-{number}");
            match self.describe(&name).await? {
                None if heartbeat.is_cancelled() => return Err(churn::Error::Cancelled.into()),
                None => {
                    self.require_money(&base, billed_secs)?;
                    self.create(&name, &base, job).await?;
                    return Ok(name);
                }
                Some(found) if self.is_usable(&found).await? => {
                    self.note(&job.run, &name, Note::Made).await?;
                    tracing::info!(job = name, status = status(&found), "attached to a training job");
                    return Ok(name);
                }
                // Only what this run has started counts: others had their own limit.
                Some(failed) if started.contains_key(&name) => billed_secs += billable_secs(&failed),
                Some(_) => {}
            }
        }
        let said = format!("{MOST_JOBS} jobs of this name have failed");
        Err(self.refused("CreateTrainingJob", &base, said).into())
    }

    /// Two lakes in one account, or two images, must not find each other's jobs.
    fn base_name(&self, job: &TrainingJob) -> String {
        let place = Digest::of_json(&(self.lake.uri(""), &self.settings.image));
        format!("{}-{}", job.name, &place.short()[..6])
    }

    async fn is_usable(&self, job: &DescribeTrainingJobOutput) -> Result<bool> {
        Ok(match job.training_job_status() {
            Some(TrainingJobStatus::InProgress) => true,
            Some(TrainingJobStatus::Completed) => {
                let key = model_uri(job).and_then(|uri| self.lake.key_of(&uri));
                match key {
                    Some(key) => Lake::S3(self.lake.clone()).head(&key).await?.is_some(),
                    None => false,
                }
            }
            _ => false,
        })
    }

    async fn create(&self, name: &str, base: &str, job: &TrainingJob) -> Result<()> {
        let lake = Lake::S3(self.lake.clone());
        for (channel, source) in &job.channels {
            if let Channel::Text { file, content } = source {
                lake.put(&keys::training_input(base, channel, file), content.clone().into_bytes()).await?;
            }
        }
        // Noted before: whoever ends the run must find a job whose creator is lost.
        self.note(&job.run, name, Note::Asked).await?;
        let request = request::create(&self.client, &self.lake, &self.settings, name, base, job);
        match request.send().await {
            Ok(_) => {
                tracing::info!(job = name, instance_type = self.settings.instance_type, "started a training job");
            }
            // Another run or attempt was faster.
            Err(error) if code(&error) == Some("ResourceInUse") => {
                tracing::info!(job = name, "attached to a training job");
            }
            Err(error) => {
                let error = explain("sagemaker", "CreateTrainingJob", name, &error);
                if error.kind != RemoteErrorKind::Unavailable {
                    self.note(&job.run, name, Note::Refused).await?;
                }
                return Err(error.into());
            }
        }
        self.note(&job.run, name, Note::Made).await
    }

    async fn describe(&self, name: &str) -> Result<Option<DescribeTrainingJobOutput>> {
        match self.client.describe_training_job().training_job_name(name).send().await {
            Ok(job) => Ok(Some(job)),
            Err(error) => match explain("sagemaker", "DescribeTrainingJob", name, &error) {
                RemoteError { kind: RemoteErrorKind::Missing, .. } => Ok(None),
                error => Err(error.into()),
            },
        }
    }

    /// Looks at the job until it has ended; heartbeats carry its status and seconds.
    async fn wait(&self, heartbeat: &Heartbeat, name: &str) -> Result<DescribeTrainingJobOutput> {
        loop {
            let job = self.describe(name).await?.ok_or_else(|| self.gone(name))?;
            heartbeat.status(status(&job));
            heartbeat.report(seconds_at_work(&job), 0);
            match ending(name, &job) {
                JobEnd::NotYet => {}
                JobEnd::Completed => return Ok(job),
                JobEnd::Failed(error) => return Err(self.stopped_with_another_run(name, error).await?),
            }
            let pause = tokio::time::sleep(Duration::from_secs(self.settings.poll_secs));
            tokio::select! {
                () = pause => {}
                () = heartbeat.cancelled() => return Err(self.leave(heartbeat, name).await),
            }
        }
    }

    /// Capacity and SageMaker's own errors may come again and again, and each job may be charged.
    fn require_money(&self, base: &str, billed_secs: u64) -> Result<()> {
        let limit = self.settings.most_billed_secs();
        if billed_secs < limit {
            return Ok(());
        }
        let spent = match self.settings.price_usd_per_hour {
            Some(price) => format!("{:.2} USD ({billed_secs} s)", cost_usd(billed_secs, price)),
            None => format!("{billed_secs} s of machine time"),
        };
        Err(Error::BudgetReached { job: base.to_owned(), spent, setting: self.settings.money_limit() })
    }

    fn used(&self, name: &str, job: &DescribeTrainingJobOutput) -> JobUse {
        let billable_seconds = billable_secs(job);
        JobUse {
            job: name.to_owned(),
            service: "sagemaker".to_owned(),
            seconds: u64::from(job.training_time_in_seconds().unwrap_or_default().unsigned_abs()),
            billable_seconds,
            cost_usd: self.settings.price_usd_per_hour.map(|price| cost_usd(billable_seconds, price)),
        }
    }

    fn gone(&self, name: &str) -> RemoteError {
        // Right after its creation not every part of the service knows it.
        let said = "the job is not there".to_owned();
        RemoteError { kind: RemoteErrorKind::Unavailable, ..self.refused("DescribeTrainingJob", name, said) }
    }

    #[expect(clippy::unused_self, reason = "reads as what the service answered")]
    fn refused(&self, operation: &'static str, name: &str, said: String) -> RemoteError {
        RemoteError { service: "sagemaker", operation, target: name.to_owned(), kind: RemoteErrorKind::Refused, said }
    }
}

fn billable_secs(job: &DescribeTrainingJobOutput) -> u64 {
    u64::from(job.billable_time_in_seconds().unwrap_or_default().unsigned_abs())
}

fn cost_usd(billable_secs: u64, price_per_hour: f64) -> f64 {
    (billable_secs as f64 / 3600.0 * price_per_hour * 1e6).round() / 1e6
}

fn model_uri(job: &DescribeTrainingJobOutput) -> Option<String> {
    job.model_artifacts().and_then(|artifacts| artifacts.s3_model_artifacts()).map(str::to_owned)
}

fn status(job: &DescribeTrainingJobOutput) -> String {
    let secondary = job.secondary_status().map(|status| status.as_str().to_owned());
    secondary.or_else(|| job.training_job_status().map(|status| status.as_str().to_owned())).unwrap_or_default()
}

/// By SageMaker's clock alone, from the start of the container to the last change.
fn seconds_at_work(job: &DescribeTrainingJobOutput) -> u64 {
    let from = job.training_start_time().or(job.creation_time());
    let to = job.training_end_time().or(job.last_modified_time());
    match (from, to) {
        (Some(from), Some(to)) => (to.secs() - from.secs()).max(0).unsigned_abs(),
        _ => 0,
    }
}
