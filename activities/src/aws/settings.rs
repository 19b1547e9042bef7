//! The sections of `aws.yaml`: the account's own names and sizes.

use std::collections::BTreeMap;

use lake::S3Settings;
use serde::{Deserialize, Deserializer};

/// The settings of the `aws` profile.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsSettings {
    /// The region; the environment's and the AWS profile's when absent.
    #[serde(default)]
    pub region: Option<String>,
    /// The URL of the queue that tells of new raw files, so that they are looked at at once; only the schedule looks when absent.
    #[serde(default)]
    pub events_queue: Option<String>,
    /// How the lake is kept in S3.
    #[serde(default)]
    pub lake: S3Settings,
    /// How training jobs run.
    #[serde(default)]
    pub training: TrainingSettings,
    /// Where models are registered.
    #[serde(default)]
    pub registry: RegistrySettings,
    /// Where alerts go.
    #[serde(default)]
    pub alerts: AlertSettings,
    /// Where metrics go.
    #[serde(default)]
    pub metrics: MetricSettings,
}

/// Section `training`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingSettings {
    /// The image in ECR whose entry point is `spanishgas`.
    #[serde(deserialize_with = "nothing_is_empty")]
    pub image: String,
    /// The role that the job runs as.
    #[serde(deserialize_with = "nothing_is_empty")]
    pub role_arn: String,
    /// The machine.
    pub instance_type: String,
    /// The machine's disk, in GiB.
    pub volume_gib: i32,
    /// The key of that disk; AWS's own when absent.
    pub volume_kms_key: Option<String>,
    /// The key that the model's files are encrypted with on their way to S3; the lake's when absent.
    pub output_kms_key: Option<String>,
    /// After this time SageMaker ends the job.
    pub max_runtime_secs: i32,
    /// Spare capacity at a lower price, which AWS may take back; on demand when absent.
    pub spot: Option<SpotSettings>,
    /// The private network of the job; SageMaker's own when absent.
    pub vpc: Option<VpcSettings>,
    /// Whether the container has no network: the entry point needs none.
    pub network_isolation: bool,
    /// Tags of the job.
    pub tags: BTreeMap<String, String>,
    /// How often the job is looked at.
    pub poll_secs: u64,
    /// What an hour of the machine costs, for the cost in `run.json`; no cost is given when absent.
    pub price_usd_per_hour: Option<f64>,
    /// No further job is started when those of a run were charged this much. It needs the price; when
    /// absent, four times `max_runtime_secs` of machine time are the limit.
    pub max_cost_usd: Option<f64>,
}

impl TrainingSettings {
    /// How many charged seconds the jobs of one run may have before the last of them.
    pub fn most_billed_secs(&self) -> u64 {
        match (self.max_cost_usd, self.price_usd_per_hour) {
            (Some(cost), Some(price)) => (cost / price * 3600.0).ceil() as u64,
            _ => 4 * u64::from(self.max_runtime_secs.unsigned_abs()),
        }
    }

    /// That limit in words, and what to do when it is reached.
    pub fn money_limit(&self) -> String {
        match self.max_cost_usd {
            Some(cost) => format!("training.max_cost_usd is {cost}: raise it in aws.yaml and start the run again"),
            None => format!(
                "the limit is four times training.max_runtime_secs ({} s); set training.max_cost_usd and \
                 training.price_usd_per_hour in aws.yaml for another",
                self.most_billed_secs()
            ),
        }
    }
}

impl Default for TrainingSettings {
    fn default() -> Self {
        Self {
            image: String::new(),
            role_arn: String::new(),
            instance_type: "ml.m5.xlarge".to_owned(),
            volume_gib: 30,
            volume_kms_key: None,
            output_kms_key: None,
            max_runtime_secs: 7200,
            spot: None,
            vpc: None,
            network_isolation: true,
            tags: BTreeMap::new(),
            poll_secs: 15,
            price_usd_per_hour: None,
            max_cost_usd: None,
        }
    }
}

/// Section `training.spot`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpotSettings {
    /// The longest wait for capacity and the job together; at least `max_runtime_secs`.
    pub max_wait_secs: i32,
}

/// Section `training.vpc`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VpcSettings {
    /// The subnets.
    pub subnets: Vec<String>,
    /// The security groups.
    pub security_groups: Vec<String>,
}

/// Section `registry`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RegistrySettings {
    /// The model package group.
    #[serde(deserialize_with = "nothing_is_empty")]
    pub model_package_group: String,
}

/// Section `alerts`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlertSettings {
    /// The SNS topic.
    #[serde(deserialize_with = "nothing_is_empty")]
    pub topic_arn: String,
    /// The address of the Temporal UI, for a link to the run.
    pub temporal_ui_url: Option<String>,
    /// The address of the dashboard, for a link to the run.
    pub dashboard_url: Option<String>,
}

/// Section `metrics`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricSettings {
    /// The CloudWatch namespace.
    pub namespace: String,
}

impl Default for MetricSettings {
    fn default() -> Self {
        Self { namespace: "SpanishGas/MLOps".to_owned() }
    }
}

/// `key:` without a value, as in the template, is an empty text: found missing with all others.
fn nothing_is_empty<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(value)?.unwrap_or_default())
}

/// What the `aws` profile cannot do without, for tests.
#[cfg(test)]
pub(super) const COMPLETE: &str = "\
training: { image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:1', role_arn: 'arn:aws:iam::123456789012:role/training' }
registry: { model_package_group: churn }
alerts: { topic_arn: 'arn:aws:sns:eu-west-1:123456789012:alerts' }
";
