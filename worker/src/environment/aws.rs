//! The ports of the `aws` profile.

use std::path::Path;

use activities::alerts::{Alerts, SnsAlerts};
use activities::aws::settings::AwsSettings;
use activities::aws::{Clients, Looked, connect, describe_identity, reach, region_problems};
use activities::events::{Events, SqsEvents};
use activities::metrics::{CloudWatchMetrics, Metrics};
use activities::registry::{ModelPackages, Registry};
use activities::trainer::{SageMakerTrainer, Trainer};
use lake::{Lake, Place, S3Lake};

use super::{EnvironmentOptions, Ports};

/// Everything that could be found out without a call; or all that is missing.
pub struct Prepared {
    settings: AwsSettings,
    place: Place,
    clients: Clients,
    region: String,
    /// Region and access key, for people.
    pub identity: String,
}

/// Reads `aws.yaml`, the lake's place, region and credentials; the error lists every problem.
pub async fn prepare(places: &EnvironmentOptions) -> Result<Prepared, Vec<String>> {
    let mut problems = Vec::new();
    let settings = AwsSettings::load(places.config.as_deref(), places.aws_yaml.as_deref());
    let settings = settings.map_err(|found| problems.extend(found)).ok();
    let lake = places.lake.to_string_lossy();
    let place = Place::parse(&lake);
    if place.is_none() {
        problems.push(format!("the lake `{lake}` is not in S3: give --lake s3://BUCKET/PREFIX (or SPANISHGAS_LAKE)"));
    }
    let config = connect(settings.as_ref().and_then(|settings| settings.region.as_deref())).await;
    let identity = describe_identity(&config).await.map_err(|found| problems.extend(found)).ok();
    let region = config.region().map(ToString::to_string).unwrap_or_default();
    if let (Some(settings), false) = (&settings, region.is_empty()) {
        problems.extend(region_problems(settings, &region));
    }
    match (settings, place, identity) {
        (Some(settings), Some(place), Some(identity)) if problems.is_empty() => {
            let clients = Clients::new(&config, &settings);
            Ok(Prepared { settings, place, clients, region, identity })
        }
        _ => Err(problems),
    }
}

/// The adapters, ready to call.
pub async fn ports(places: &EnvironmentOptions, scratch: &Path) -> Result<Ports, Vec<String>> {
    Ok(prepare(places).await?.into_ports(scratch))
}

impl Prepared {
    /// Looks at what the settings name: reads only.
    pub async fn reach(&self) -> Vec<Looked> {
        Box::pin(reach(&self.clients, &self.settings, &self.place.bucket, &self.region)).await
    }

    /// The adapters, ready to call; copies of large objects go below `scratch`.
    pub fn into_ports(self, scratch: &Path) -> Ports {
        let Self { settings, place, clients, .. } = self;
        let s3 = S3Lake::new(clients.s3, place, &settings.lake, scratch);
        let lake = Lake::S3(s3.clone());
        let packages = ModelPackages::new(
            clients.sagemaker.clone(),
            s3.clone(),
            settings.registry.model_package_group,
            settings.training.image.clone(),
        );
        Ports {
            registry: Registry::with_packages(lake.clone(), packages),
            trainer: Trainer::SageMaker(Box::new(SageMakerTrainer::new(clients.sagemaker, s3, settings.training))),
            alerts: Alerts::by_sns(SnsAlerts::new(clients.sns, settings.alerts)),
            metrics: Metrics::in_cloudwatch(CloudWatchMetrics::new(clients.cloudwatch, settings.metrics.namespace)),
            events: match settings.events_queue {
                Some(queue_url) => Events::Sqs(SqsEvents::new(clients.sqs, queue_url)),
                None => Events::Nobody,
            },
            lake,
        }
    }
}
