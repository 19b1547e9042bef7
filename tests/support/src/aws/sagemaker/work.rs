//! A job from its start to its end.

use std::sync::Arc;

use aws_sdk_s3::Client;

use super::definition::Channel;
use super::folders::{Folders, files_below};
use super::job::{End, Job};
use super::process::{self, Ended};
use super::storage::{Outcome, fetch, save, save_archive};

/// Runs the job; its state tells the rest.
pub async fn work(job: Arc<Job>, s3: Client) {
    let end = starts(&job, &s3).await.unwrap_or_else(End::Failed);
    job.end(end);
}

/// As many starts as there are interruptions, and one more.
async fn starts(job: &Job, s3: &Client) -> Outcome<End> {
    loop {
        let (folders, ended) = one_start(job, s3).await?;
        match ended {
            Ended::Interrupted => {
                job.restart();
                job.enter("Interrupted");
                job.enter("Starting");
            }
            Ended::ByItself(0) => return Ok(End::Completed(upload(job, s3, &folders).await?)),
            Ended::ByItself(code) => {
                return Err(format!("AlgorithmError: {}, exit code: {code}", folders.failure().trim_end()));
            }
            Ended::Broken => return Err("InternalServerError: We encountered an internal error".to_owned()),
            Ended::Stopped => return stopped("Stopped", job, s3, &folders).await,
            Ended::TooLong => return stopped("MaxRuntimeExceeded", job, s3, &folders).await,
        }
    }
}

async fn one_start(job: &Job, s3: &Client) -> Outcome<(Folders, Ended)> {
    let channels = job.definition.channels()?;
    let folders = Folders::fresh(&job.base, &job.definition, &channels);
    let checkpoints = job.definition.checkpoints();
    job.enter("Downloading");
    if let Some(from) = &checkpoints {
        // The last slash ends the place, so that the paths below it stay.
        fetch(s3, &from.below(""), &folders.checkpoints()).await?;
    }
    for channel in &channels {
        download(s3, channel, &folders).await?;
    }
    job.enter("Training");
    let ended = process::run(job, &folders).await;
    if let Some(to) = &checkpoints {
        save(s3, &folders.checkpoints(), to).await?;
    }
    Ok((folders, ended))
}

async fn download(s3: &Client, channel: &Channel, folders: &Folders) -> Outcome<()> {
    let files = fetch(s3, &channel.from, &folders.channel(&channel.name)).await?;
    if files > 0 {
        return Ok(());
    }
    let (name, uri) = (&channel.name, channel.from.uri());
    Err(format!("ClientError: Data download failed: no S3 objects found under {uri} for channel {name}"))
}

async fn upload(job: &Job, s3: &Client, folders: &Folders) -> Outcome<String> {
    job.enter("Uploading");
    let to = job.definition.output(&job.name, "model.tar.gz")?;
    save_archive(s3, &folders.model(), &to).await?;
    Ok(to.uri())
}

/// A stopped job may have left a model that is good enough.
async fn stopped(secondary: &'static str, job: &Job, s3: &Client, folders: &Folders) -> Outcome<End> {
    if files_below(&folders.model()).is_empty() {
        return Ok(End::Stopped(secondary, None));
    }
    Ok(End::Stopped(secondary, Some(upload(job, s3, folders).await?)))
}
