//! A job's definition: what moto kept of it, with what moto loses put back.

use std::time::Duration;

use serde_json::{Map, Value, json};

/// A place in S3: a bucket, and a key or the beginning of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The bucket.
    pub bucket: String,
    /// The key, without a slash at its beginning.
    pub key: String,
}

/// One input channel.
pub struct Channel {
    /// Its name, which is its folder's.
    pub name: String,
    /// Where its files come from.
    pub from: Place,
    /// Its entry of `inputdataconfig.json`.
    pub entry: Value,
}

/// A definition, in the words of `DescribeTrainingJob`.
#[derive(Debug, Clone)]
pub struct Definition(Value);

impl Definition {
    /// moto's description, and from the request what moto drops or replaces.
    pub fn restored(mut description: Value, request: &Value) -> Self {
        for lost in ["Environment", "RetryStrategy"] {
            if let Some(value) = request.get(lost) {
                description[lost] = value.clone();
            }
        }
        let metrics = request["AlgorithmSpecification"].get("MetricDefinitions");
        description["AlgorithmSpecification"]["MetricDefinitions"] = metrics.cloned().unwrap_or_else(|| json!([]));
        Self(description)
    }

    /// All of it.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The job's ARN.
    pub fn arn(&self) -> String {
        self.text("/TrainingJobArn").unwrap_or_default()
    }

    /// `hyperparameters.json`.
    pub fn hyperparameters(&self) -> Value {
        self.0.get("HyperParameters").filter(|value| value.is_object()).cloned().unwrap_or_else(|| json!({}))
    }

    /// `resourceconfig.json`.
    pub fn resources(&self) -> Value {
        json!({
            "current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "lo",
            "current_instance_type": self.0["ResourceConfig"]["InstanceType"], "current_group_name": "homogeneousCluster",
        })
    }

    /// The input channels; an error is the job's failure.
    pub fn channels(&self) -> Result<Vec<Channel>, String> {
        let channels = self.0["InputDataConfig"].as_array().into_iter().flatten();
        channels.map(channel).collect()
    }

    /// The program and its arguments when the job names its own entry point.
    pub fn entry_point(&self) -> Option<Vec<String>> {
        let algorithm = &self.0["AlgorithmSpecification"];
        let words = |field: &str| algorithm[field].as_array().into_iter().flatten().filter_map(Value::as_str);
        let all: Vec<_> = words("ContainerEntrypoint").chain(words("ContainerArguments")).map(str::to_owned).collect();
        algorithm["ContainerEntrypoint"].is_array().then_some(all)
    }

    /// The job's own environment variables.
    pub fn environment(&self) -> Map<String, Value> {
        self.0["Environment"].as_object().cloned().unwrap_or_default()
    }

    /// Names and patterns of the metrics.
    pub fn metrics(&self) -> Vec<(String, String)> {
        let metrics = self.0["AlgorithmSpecification"]["MetricDefinitions"].as_array().into_iter().flatten();
        let pairs = metrics.filter_map(|metric| Some((metric["Name"].as_str()?, metric["Regex"].as_str()?)));
        pairs.map(|(name, pattern)| (name.to_owned(), pattern.to_owned())).collect()
    }

    /// Where `file` of the output of job `name` goes.
    pub fn output(&self, name: &str, file: &str) -> Result<Place, String> {
        let base = self.text("/OutputDataConfig/S3OutputPath").and_then(|uri| Place::parse(&uri));
        let base = base.ok_or("ClientError: S3OutputPath is no S3 URI")?;
        Ok(base.below(&format!("{name}/output/{file}")))
    }

    /// Where checkpoints come from and go to, if anywhere.
    pub fn checkpoints(&self) -> Option<Place> {
        self.text("/CheckpointConfig/S3Uri").and_then(|uri| Place::parse(&uri))
    }

    /// How long the job may train; a day when it does not say.
    pub fn max_runtime(&self) -> Duration {
        let seconds = self.0["StoppingCondition"]["MaxRuntimeInSeconds"].as_u64();
        Duration::from_secs(seconds.unwrap_or(24 * 3600))
    }

    /// Whether it runs on spare capacity.
    pub fn is_spot(&self) -> bool {
        self.0["EnableManagedSpotTraining"] == true
    }

    fn text(&self, pointer: &str) -> Option<String> {
        self.0.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
    }
}

impl Place {
    /// From `s3://bucket/key`.
    pub fn parse(uri: &str) -> Option<Self> {
        let (bucket, key) = uri.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, "")))?;
        Some(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    /// A key below this one.
    pub fn below(&self, path: &str) -> Self {
        let slash = if self.key.is_empty() || self.key.ends_with('/') { "" } else { "/" };
        Self { bucket: self.bucket.clone(), key: format!("{}{slash}{path}", self.key) }
    }

    /// `s3://bucket/key`.
    pub fn uri(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }
}

fn channel(channel: &Value) -> Result<Channel, String> {
    let name = channel["ChannelName"].as_str().unwrap_or_default().to_owned();
    let source = &channel["DataSource"]["S3DataSource"];
    if source["S3DataType"] != "S3Prefix" {
        return Err(format!("ClientError: channel {name}: only S3Prefix is played here"));
    }
    let from = source["S3Uri"].as_str().and_then(Place::parse);
    let from = from.ok_or_else(|| format!("ClientError: channel {name}: S3Uri is no S3 URI"))?;
    let mut entry = json!({
        "TrainingInputMode": "File",
        "S3DistributionType": source.get("S3DataDistributionType").cloned().unwrap_or_else(|| json!("FullyReplicated")),
        "RecordWrapperType": "None",
    });
    if let Some(content_type) = channel.get("ContentType") {
        entry["ContentType"] = content_type.clone();
    }
    Ok(Channel { name, from, entry })
}
