//! A place of work in the `aws` profile: a bucket with the small data, a topic with a reader, a model
//! package group, and a worker whose calls can be made to fail on their way.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use support::aws::sdk::aws_sdk_s3::primitives::ByteStream;
use tempfile::TempDir;

use support::aws::inbox::Letter;
use support::aws::runtime::wait_for;
use support::aws::{Emulators, FaultProxy, Inbox, SageMakerPart};
use support::home::folder;
use support::lake::raw_files;
use support::settings::Configured;
use support::{Finished, Settings, TestServer, Worker, new_name, spanishgas_with};

/// What differs from the usual site.
#[derive(Default)]
pub struct Choice<'a> {
    /// A model package group that is there; else one of the site's own.
    pub group: Option<&'a str>,
    /// More options of the worker.
    pub worker: &'static [&'static str],
    /// More lines of the section `training` in `aws.yaml`.
    pub training: &'static str,
    /// The queue that tells of new raw files; none: nobody tells.
    pub events_queue: Option<&'a str>,
}

/// A worker at an emulated account.
pub struct AwsSite {
    /// What stands between the worker and S3, SNS and CloudWatch.
    pub proxy: FaultProxy,
    /// SageMaker.
    pub sagemaker: SageMakerPart,
    inbox: Mutex<Inbox>,
    /// The model package group.
    pub group: String,
    bucket: String,
    config: Configured,
    scratch: TempDir,
    queue: String,
    options: &'static [&'static str],
    worker: Option<Worker>,
}

impl AwsSite {
    /// A bucket with the small data, and a worker for it.
    pub fn new(settings: Settings) -> Self {
        Self::of(settings, &Choice::default())
    }

    /// The same with something else than usual.
    pub fn of(settings: Settings, choice: &Choice<'_>) -> Self {
        let emulators = Emulators::shared();
        let bucket = emulators.new_bucket();
        upload_raw(&bucket);
        let topic = new_topic();
        let group = choice.group.map_or_else(new_group, str::to_owned);
        let inbox = Mutex::new(Inbox::subscribed_to(&topic));
        let sagemaker = emulators.sagemaker_part();
        let config = settings.write();
        std::fs::write(config.path().join("aws.yaml"), aws_yaml(&topic, &group, choice))
            .expect("settings can be written");
        let proxy = FaultProxy::start(emulators.s3_url());
        let (scratch, queue) = (folder("scratch"), new_name("aws-queue"));
        let options = choice.worker;
        let mut site = Self { proxy, sagemaker, inbox, group, bucket, config, scratch, queue, options, worker: None };
        site.worker = Some(site.start_worker());
        site
    }

    /// The lake's place.
    pub fn lake(&self) -> String {
        format!("s3://{}/churn", self.bucket)
    }

    /// The worker is lost as with its machine; another one takes its queue.
    pub fn lose_worker(&mut self) {
        self.without_worker();
        self.take_up();
    }

    /// The worker is lost as with its machine, and nobody takes its queue yet.
    pub fn without_worker(&mut self) {
        self.worker.take().expect("a worker").kill();
    }

    /// A worker takes the queue.
    pub fn take_up(&mut self) {
        self.worker = Some(self.start_worker());
    }

    /// The worker is stopped as for an upgrade; another one takes its queue.
    pub fn restart_worker(&mut self) {
        let (code, log) = self.worker.take().expect("a worker").terminate(Duration::from_secs(40));
        assert_eq!(code, Some(0), "the worker did not stop well:\n{log}");
        self.worker = Some(self.start_worker());
    }

    /// The worker's log.
    pub fn log(&self) -> String {
        self.worker.as_ref().expect("a worker").log()
    }

    /// Starts a run as an operator does, with the Temporal CLI; its ID.
    pub fn start(&self, input: &str) -> String {
        let id = new_name("aws-run");
        let queue = self.queue.as_str();
        let arguments = ["workflow", "start", "--type", "ChurnPipeline", "--task-queue", queue, "--workflow-id", &id];
        TestServer::shared().temporal(&[&arguments[..], &["--input", input]].concat());
        id
    }

    /// The result of a run in train mode.
    pub fn train(&self) -> Value {
        TestServer::shared().result(&self.start(r#"{"mode":"train"}"#))
    }

    /// The text of `aws.yaml`.
    pub fn settings(&self) -> String {
        std::fs::read_to_string(self.config.path().join("aws.yaml")).expect("settings can be read")
    }

    /// `config check --connect` with another `aws.yaml`, in another region perhaps.
    pub fn check(&self, settings: &str, region: &str) -> Finished {
        let config = folder("config");
        std::fs::write(config.path().join("aws.yaml"), settings).expect("settings can be written");
        let (config, lake) = (config.path().to_str().expect("a UTF-8 path"), self.lake());
        let arguments = ["config", "check", "--connect", "--profile", "aws", "--lake", &lake, "--config", config];
        let variables = [self.variables(), vec![("AWS_REGION".to_owned(), region.to_owned())]].concat();
        spanishgas_with(None, &arguments, &variables)
    }

    /// A `spanishgas` command in this profile.
    pub fn command(&self, command: &[&str]) -> Finished {
        self.command_at(&self.lake(), command)
    }

    /// The same on another lake.
    pub fn command_at(&self, lake: &str, command: &[&str]) -> Finished {
        let config = self.config.path().to_str().expect("a UTF-8 path");
        let places = ["--profile", "aws", "--lake", lake, "--config", config];
        spanishgas_with(Some(TestServer::shared()), &[command, &places].concat(), &self.variables())
    }

    /// The same on this lake, with the text of `aws.yaml` and no folder.
    pub fn command_without_settings(&self, command: &[&str], aws_yaml: &str) -> Finished {
        let text = vec![("SPANISHGAS_AWS_YAML".to_owned(), aws_yaml.to_owned())];
        let (lake, variables) = (self.lake(), [self.variables(), text].concat());
        let places = ["--profile", "aws", "--lake", &lake];
        spanishgas_with(Some(TestServer::shared()), &[command, &places].concat(), &variables)
    }

    /// The worker's task queue.
    pub fn queue(&self) -> &str {
        &self.queue
    }

    /// An object's bytes, if it is there.
    pub fn find(&self, key: &str) -> Option<Vec<u8>> {
        let (bucket, key) = (self.bucket.clone(), format!("churn/{key}"));
        wait_for(async move {
            let found = Emulators::shared().s3().await.get_object().bucket(bucket).key(key).send().await.ok()?;
            Some(found.body.collect().await.expect("a whole object").to_vec())
        })
    }

    /// A JSON object.
    pub fn json(&self, key: &str) -> Value {
        let bytes = self.find(key).unwrap_or_else(|| panic!("{key} is not in the lake"));
        serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{key}: {error}"))
    }

    /// The keys below a prefix.
    pub fn keys(&self, prefix: &str) -> Vec<String> {
        let (bucket, prefix) = (self.bucket.clone(), format!("churn/{prefix}"));
        wait_for(async move {
            let s3 = Emulators::shared().s3().await;
            let listed = s3.list_objects_v2().bucket(bucket).prefix(prefix).send().await.expect("a listing");
            listed.contents().iter().filter_map(|object| object.key().map(str::to_owned)).collect()
        })
    }

    /// Every version of every object that the bucket keeps: key and content.
    pub fn versions(&self) -> Vec<(String, Vec<u8>)> {
        let bucket = self.bucket.clone();
        wait_for(async move {
            let s3 = Emulators::shared().s3().await;
            let listed = s3.list_object_versions().bucket(&bucket).prefix("churn/").send().await.expect("a listing");
            assert_ne!(listed.is_truncated(), Some(true), "more versions than one page has");
            let mut versions = Vec::new();
            for version in listed.versions() {
                let (key, id) = (version.key().expect("a key"), version.version_id().expect("a version"));
                let found = s3.get_object().bucket(&bucket).key(key).version_id(id).send().await.expect("a version");
                let bytes = found.body.collect().await.expect("a whole version").to_vec();
                versions.push((key.strip_prefix("churn/").expect("a key of the lake").to_owned(), bytes));
            }
            versions
        })
    }

    /// Somebody uploads an object.
    pub fn put(&self, key: &str, bytes: Vec<u8>) {
        let (bucket, key) = (self.bucket.clone(), format!("churn/{key}"));
        wait_for(async move {
            let s3 = Emulators::shared().s3().await;
            let sent = s3.put_object().bucket(bucket).key(key).body(ByteStream::from(bytes)).send().await;
            sent.expect("an object can be uploaded");
        });
    }

    /// Somebody deletes an object; the bucket keeps what it was.
    pub fn delete(&self, key: &str) {
        let (bucket, key) = (self.bucket.clone(), format!("churn/{key}"));
        wait_for(async move {
            let s3 = Emulators::shared().s3().await;
            s3.delete_object().bucket(bucket).key(key).send().await.expect("an object can be deleted");
        });
    }

    /// Waits until `count` alerts have come; all of them.
    pub fn letters(&self, count: usize) -> Vec<Letter> {
        self.inbox.lock().expect("one reader at a time").await_messages(count)
    }

    /// The environment of the programs here.
    pub fn variables(&self) -> Vec<(String, String)> {
        let mut variables = Emulators::variables(&self.proxy.url(), &self.sagemaker.url());
        variables.push(("AWS_ENDPOINT_URL_KMS".to_owned(), Emulators::shared().moto_url().to_owned()));
        variables
            .push(("RUST_LOG".to_owned(), "info,aws_calls=debug,temporalio_sdk_core=warn,xgboost_rs=warn".to_owned()));
        variables
    }

    fn start_worker(&self) -> Worker {
        let (lake, path) = (self.lake(), |path: &std::path::Path| path.to_str().expect("a UTF-8 path").to_owned());
        let (config, scratch) = (path(self.config.path()), path(self.scratch.path()));
        let options = ["--profile", "aws", "--config", &config, "--scratch", &scratch];
        let options = [&options[..], self.options].concat();
        Worker::start_with(TestServer::shared(), &lake, &self.queue, &options, &self.variables())
    }
}

fn aws_yaml(topic: &str, group: &str, choice: &Choice<'_>) -> String {
    let training = choice.training;
    let events_queue = choice.events_queue.map_or_else(String::new, |url| format!("events_queue: {url}\n"));
    format!(
        "{events_queue}lake: {{ path_style: true, part_mib: 5, parallel_parts: 4 }}\n\
         training:\n  image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/spanishgas:test\n  \
         role_arn: arn:aws:iam::123456789012:role/training\n  poll_secs: 1\n  price_usd_per_hour: 0.36\n  \
         spot: {{ max_wait_secs: 7200 }}\n  vpc: {{ subnets: [subnet-1], security_groups: [sg-1] }}\n  \
         volume_kms_key: alias/volume\n  output_kms_key: alias/output\n  tags: {{ team: retention }}\n{training}\
         registry: {{ model_package_group: {group} }}\n\
         alerts: {{ topic_arn: '{topic}', temporal_ui_url: 'http://temporal.test' }}\n"
    )
}

fn upload_raw(bucket: &str) {
    let bucket = bucket.to_owned();
    wait_for(async move {
        let s3 = Emulators::shared().s3().await;
        for entry in std::fs::read_dir(raw_files()).expect("the raw files can be listed") {
            let path = entry.expect("a raw file").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let body = ByteStream::from_path(&path).await.expect("a raw file can be read");
            let sent = s3.put_object().bucket(&bucket).key(format!("churn/raw/{name}")).body(body).send().await;
            sent.expect("a raw file can be uploaded");
        }
    });
}

fn new_topic() -> String {
    wait_for(async {
        let sns = Emulators::shared().sns().await;
        let topic = sns.create_topic().name(new_name("alerts")).send().await.expect("a topic can be made");
        topic.topic_arn().expect("its ARN").to_owned()
    })
}

fn new_group() -> String {
    let name = new_name("group");
    let group = name.clone();
    wait_for(async move {
        let emulators = Emulators::shared();
        let sagemaker = emulators.sagemaker(emulators.moto_url()).await;
        let made = sagemaker.create_model_package_group().model_package_group_name(group).send().await;
        made.expect("a group can be made");
    });
    name
}
