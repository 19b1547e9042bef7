//! The operations: training jobs are played here, everything else is moto's.

use std::collections::{BTreeSet, VecDeque};
use std::io::Result;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use hyper::header::HeaderValue;
use hyper::{Request, Response};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::definition::Definition;
use super::describe::description;
use super::job::{End, Job};
use super::work::work;
use crate::aws::errors::json_error;
use crate::aws::http::{answer, forward, header_text};
use crate::aws::runtime::runtime;

/// What the server knows and does.
pub struct Service {
    /// Who keeps the definitions.
    pub moto_url: String,
    /// What jobs read from and write to.
    pub s3: aws_sdk_s3::Client,
    /// Where jobs have their folders.
    pub home: PathBuf,
    /// The `spanishgas` of their image.
    pub program: PathBuf,
    /// All jobs, oldest first.
    pub jobs: Mutex<Vec<Arc<Job>>>,
    /// Those at work.
    pub running: Mutex<JoinSet<()>>,
    /// The operations that were asked for.
    pub operations: Mutex<BTreeSet<String>>,
    /// Errors for the next creations.
    pub refusals: Mutex<VecDeque<(String, String)>>,
    /// Whether lists of packages are older than every package.
    pub lists_are_old: AtomicBool,
    /// Operations that are denied, and how often.
    pub denials: Mutex<Vec<(String, u32)>>,
    /// Failure reasons of the next jobs.
    pub failures: Mutex<VecDeque<String>>,
    // Two creations of one name must not both find it free.
    creating: tokio::sync::Mutex<()>,
}

impl Service {
    /// Without a job.
    pub fn new(moto_url: &str, s3: aws_sdk_s3::Client, home: PathBuf, program: PathBuf) -> Self {
        Self {
            moto_url: moto_url.to_owned(),
            s3,
            home,
            program,
            jobs: Mutex::default(),
            running: Mutex::default(),
            operations: Mutex::default(),
            refusals: Mutex::default(),
            lists_are_old: AtomicBool::default(),
            denials: Mutex::default(),
            failures: Mutex::default(),
            creating: tokio::sync::Mutex::default(),
        }
    }

    /// Answers a request.
    pub async fn handle(self: Arc<Self>, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let operation =
            header_text(request.headers(), "x-amz-target").rsplit('.').next().unwrap_or_default().to_owned();
        lock(&self.operations).insert(operation.clone());
        if self.denies(&operation) {
            return Ok(json_error(400, "AccessDeniedException", &format!("not authorized to perform {operation}")));
        }
        match &*operation {
            "CreateTrainingJob" => self.create(request).await,
            "DescribeTrainingJob" => self.describe(request).await,
            "StopTrainingJob" => self.stop(request).await,
            "ListModelPackages" if self.lists_are_old.load(Ordering::Relaxed) => {
                Ok(json_answer(&json!({ "ModelPackageSummaryList": [] })))
            }
            _ => forward(&self.moto_url, request).await,
        }
    }

    fn denies(&self, operation: &str) -> bool {
        let mut denials = lock(&self.denials);
        let denied = denials.iter_mut().find(|(denied, left)| denied == operation && *left > 0);
        denied.map(|(_, left)| *left -= 1).is_some()
    }

    async fn create(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let _one_at_a_time = self.creating.lock().await;
        if let Some((error_type, message)) = lock(&self.refusals).pop_front() {
            return Ok(json_error(400, &error_type, &message));
        }
        let (name, asked) = (job_name(&request), json_of(request.body()));
        let known = self.described_by_moto(&request, &name).await?;
        if known.status().is_success() {
            return Ok(name_is_taken(&json_of(known.body())));
        }
        let created = forward(&self.moto_url, request.clone()).await?;
        if created.status().is_success() {
            let kept = self.described_by_moto(&request, &name).await?;
            self.launch(name, Definition::restored(json_of(kept.body()), &asked));
        }
        Ok(created)
    }

    fn launch(&self, name: String, definition: Definition) {
        let job = Arc::new(Job::new(name.clone(), definition, self.home.join(name), self.program.clone()));
        lock(&self.jobs).push(Arc::clone(&job));
        if let Some(reason) = lock(&self.failures).pop_front() {
            job.end(End::Failed(reason));
            return;
        }
        lock(&self.running).spawn_on(work(job, self.s3.clone()), runtime().handle());
    }

    async fn describe(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        match self.find(&job_name(&request)) {
            Some(job) => Ok(json_answer(&description(&job))),
            None => forward(&self.moto_url, request).await,
        }
    }

    async fn stop(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let name = job_name(&request);
        let Some(job) = self.find(&name) else { return self.described_by_moto(&request, &name).await };
        if job.stop() {
            return Ok(json_answer(&json!({})));
        }
        let message = format!("The request was rejected because the training job is in status {}.", job.state().status);
        Ok(json_error(400, "ValidationException", &message))
    }

    /// A job by its name.
    pub fn find(&self, name: &str) -> Option<Arc<Job>> {
        lock(&self.jobs).iter().find(|job| job.name == name).cloned()
    }

    /// moto's own description, or its error; in the name of who has sent `request`.
    async fn described_by_moto(&self, request: &Request<Bytes>, name: &str) -> Result<Response<Bytes>> {
        let mut describe = request.clone();
        let operation = HeaderValue::from_static("SageMaker.DescribeTrainingJob");
        describe.headers_mut().insert("x-amz-target", operation);
        *describe.body_mut() = json!({ "TrainingJobName": name }).to_string().into();
        forward(&self.moto_url, describe).await
    }
}

fn name_is_taken(known: &Value) -> Response<Bytes> {
    let arn = known["TrainingJobArn"].as_str().unwrap_or_default();
    let message = format!(
        "Training job names must be unique within an AWS account and region, and a training job with this name \
         already exists ({arn})"
    );
    json_error(400, "ResourceInUse", &message)
}

fn job_name(request: &Request<Bytes>) -> String {
    json_of(request.body())["TrainingJobName"].as_str().unwrap_or_default().to_owned()
}

fn json_of(body: &Bytes) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

fn json_answer(value: &Value) -> Response<Bytes> {
    answer(200, "application/x-amz-json-1.1", value.to_string())
}

/// No holder panics.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no holder panics")
}
