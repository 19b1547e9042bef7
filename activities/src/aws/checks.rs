//! What can be told of `aws.yaml` without a call: names that AWS would refuse after hours of work, and names
//! of another region.

use aws_sdk_sagemaker::types::TrainingInstanceType;

use super::arn::{Arn, Image, QueueUrl};
use super::settings::{AwsSettings, TrainingSettings};
use crate::kms::KmsKeyName;

/// Everything that is missing or cannot be.
pub(super) fn problems(settings: &AwsSettings) -> Vec<String> {
    let broken = [training(&settings.training), money(&settings.training), names(settings), sizes(settings)];
    broken.into_iter().flatten().map(|problem| format!("aws.yaml: {problem}")).collect()
}

/// Everything that is in another region than the one all services are asked in.
pub fn region_problems(settings: &AwsSettings, region: &str) -> Vec<String> {
    let training = &settings.training;
    let arn_region = |text: &Option<String>| text.as_deref().and_then(Arn::parse).map(|arn| arn.region.to_owned());
    let topic = Some(settings.alerts.topic_arn.clone());
    let group = Some(settings.registry.model_package_group.clone());
    let queue = settings.events_queue.as_deref().and_then(QueueUrl::parse).and_then(|queue| queue.region());
    let placed = [
        ("events_queue", queue.map(str::to_owned)),
        ("training.image", Image::parse(&training.image).map(|image| image.region.to_owned())),
        ("training.volume_kms_key", arn_region(&training.volume_kms_key)),
        ("training.output_kms_key", arn_region(&training.output_kms_key)),
        ("lake.kms_key", arn_region(&settings.lake.kms_key)),
        ("alerts.topic_arn", arn_region(&topic)),
        ("registry.model_package_group", arn_region(&group)),
    ];
    let elsewhere = placed.into_iter().filter_map(|(setting, place)| Some((setting, place?)));
    elsewhere
        .filter(|(_, place)| place != region)
        .map(|(setting, place)| {
            format!("aws.yaml: {setting} is in {place}, the region in force is {region}: all must be in one region")
        })
        .collect()
}

/// A rule: whether it is kept, and what is said when it is not.
type Rule = (bool, &'static str);

fn broken<const N: usize>(rules: [Rule; N]) -> Vec<String> {
    rules.into_iter().filter(|(kept, _)| !kept).map(|(_, problem)| problem.to_owned()).collect()
}

fn training(training: &TrainingSettings) -> Vec<String> {
    let spot_waits = training.spot.is_none_or(|spot| spot.max_wait_secs >= training.max_runtime_secs);
    let vpc_is_whole = training.vpc.as_ref().is_none_or(|vpc| {
        let named = |ids: &[String], prefix| !ids.is_empty() && ids.iter().all(|id| id.starts_with(prefix));
        named(&vpc.subnets, "subnet-") && named(&vpc.security_groups, "sg-")
    });
    broken([
        (
            Image::parse(&training.image).is_some(),
            "training.image is missing or no image in ECR: ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG, its entry \
             point is spanishgas",
        ),
        (
            Arn::parse(&training.role_arn).is_some_and(|arn| arn.is_role()),
            "training.role_arn is missing or no ARN of a role: arn:aws:iam::ACCOUNT:role/NAME, which jobs run as",
        ),
        (
            TrainingInstanceType::values().contains(&training.instance_type.as_str()),
            "training.instance_type: no type that SageMaker trains on, such as ml.m5.xlarge",
        ),
        ((1..=16_384).contains(&training.volume_gib), "training.volume_gib: between 1 and 16384"),
        ((60..=432_000).contains(&training.max_runtime_secs), "training.max_runtime_secs: between 60 and 432000"),
        (spot_waits, "training.spot.max_wait_secs: at least max_runtime_secs"),
        (vpc_is_whole, "training.vpc: give subnets (subnet-...) and security_groups (sg-...), or leave vpc out"),
        (training.tags.len() <= 50, "training.tags: at most 50"),
        (
            training.tags.iter().all(|(key, value)| is_tag(key, value)),
            "training.tags: a name has 1 to 128 characters, a value at most 256; names that begin with aws: are \
             Amazon's own",
        ),
        ((1..=300).contains(&training.poll_secs), "training.poll_secs: between 1 and 300"),
        (is_key(training.volume_kms_key.as_deref()), "training.volume_kms_key: no KMS key, alias or ARN of one"),
        (is_key(training.output_kms_key.as_deref()), "training.output_kms_key: no KMS key, alias or ARN of one"),
    ])
}

fn money(training: &TrainingSettings) -> Vec<String> {
    let (price, limit) = (training.price_usd_per_hour, training.max_cost_usd);
    broken([
        (price.is_none_or(|price| price >= 0.0), "training.price_usd_per_hour: 0 or more"),
        (limit.is_none_or(|limit| limit > 0.0), "training.max_cost_usd: more than 0"),
        (
            limit.is_none() || price.is_some_and(|price| price > 0.0),
            "training.max_cost_usd: needs training.price_usd_per_hour to count by",
        ),
    ])
}

fn names(settings: &AwsSettings) -> Vec<String> {
    let (group, namespace) = (&settings.registry.model_package_group, &settings.metrics.namespace);
    broken([
        (
            is_group(group),
            "registry.model_package_group is missing or no name of a group: letters, digits and single hyphens, at \
             most 63",
        ),
        (
            Arn::parse(&settings.alerts.topic_arn).is_some_and(|arn| arn.is_topic()),
            "alerts.topic_arn is missing or no ARN of an SNS topic: arn:aws:sns:REGION:ACCOUNT:NAME",
        ),
        (
            is_namespace(namespace),
            "metrics.namespace: 1 to 255 of letters, digits, . - _ / # : and no AWS/ at its begin",
        ),
        (is_key(settings.lake.kms_key.as_deref()), "lake.kms_key: no KMS key, alias or ARN of one"),
        (
            settings.events_queue.as_deref().is_none_or(|url| QueueUrl::parse(url).is_some()),
            "events_queue: no URL of an SQS queue: https://sqs.REGION.amazonaws.com/ACCOUNT/NAME",
        ),
    ])
}

fn sizes(settings: &AwsSettings) -> Vec<String> {
    let lake = &settings.lake;
    broken([
        // S3 takes no smaller part; of a larger one too much is lost when it breaks off.
        ((5..=512).contains(&lake.part_mib), "lake.part_mib: between 5 and 512"),
        ((1..=64).contains(&lake.parallel_parts), "lake.parallel_parts: between 1 and 64"),
        (lake.cache_gib >= 1, "lake.cache_gib: 1 or more"),
    ])
}

fn is_tag(key: &str, value: &str) -> bool {
    let reserved = key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    !reserved && (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256
}

/// `[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}`, or the ARN of such a group.
fn is_group(text: &str) -> bool {
    let name = match Arn::parse(text) {
        Some(arn) if arn.service == "sagemaker" => {
            arn.resource.strip_prefix("model-package-group/").unwrap_or_default()
        }
        Some(_) => return false,
        None => text,
    };
    let plain = |letter: char| letter.is_ascii_alphanumeric();
    name.len() <= 63
        && name.starts_with(plain)
        && name.ends_with(plain)
        && name.chars().all(|letter| plain(letter) || letter == '-')
}

/// A key's ID, `alias/NAME`, or the ARN of either.
fn is_key(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.parse::<KmsKeyName>().is_ok())
}

/// CloudWatch keeps `AWS/` for itself.
fn is_namespace(text: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || ".-_/#: ".contains(letter);
    (1..=255).contains(&text.len()) && text.chars().all(allowed) && !text.trim().is_empty() && !text.starts_with("AWS/")
}

#[cfg(test)]
mod tests {
    use super::super::settings::COMPLETE;
    use super::*;

    fn settings(change: impl FnOnce(&mut AwsSettings)) -> AwsSettings {
        let mut settings = AwsSettings::parse(COMPLETE).unwrap();
        change(&mut settings);
        settings
    }

    #[test]
    fn what_aws_would_refuse_after_hours_is_named_at_once() {
        type Change = fn(&mut AwsSettings);
        let cases: [(&str, Change); 17] = [
            ("events_queue", |it| it.events_queue = Some("arn:aws:sqs:eu-west-1:123456789012:events".to_owned())),
            ("training.image", |it| it.training.image = "spanishgas:1".to_owned()),
            ("training.image", |it| it.training.image = "public.ecr.aws/x/churn:1".to_owned()),
            ("training.role_arn", |it| it.training.role_arn = "arn:aws:iam::123:role/training".to_owned()),
            ("training.role_arn", |it| it.training.role_arn = "arn:aws:iam::123456789012:user/ana".to_owned()),
            ("training.instance_type", |it| it.training.instance_type = "ml.m5.xlrage".to_owned()),
            ("training.tags", |it| drop(it.training.tags.insert("aws:team".to_owned(), "x".to_owned()))),
            ("training.tags", |it| drop(it.training.tags.insert("AWS:team".to_owned(), "x".to_owned()))),
            ("training.volume_kms_key", |it| it.training.volume_kms_key = Some("my-key".to_owned())),
            ("training.output_kms_key", |it| it.training.output_kms_key = Some("arn:aws:s3:::x".to_owned())),
            ("training.max_cost_usd", |it| it.training.max_cost_usd = Some(20.0)),
            ("lake.kms_key", |it| it.lake.kms_key = Some("alias/".to_owned())),
            ("registry.model_package_group", |it| it.registry.model_package_group = "churn_models".to_owned()),
            ("alerts.topic_arn", |it| it.alerts.topic_arn = "arn:aws:sns:eu-west-1:alerts".to_owned()),
            ("alerts.topic_arn", |it| it.alerts.topic_arn = "arn:aws:sqs:eu-west-1:123456789012:a".to_owned()),
            ("metrics.namespace", |it| it.metrics.namespace = "AWS/SpanishGas".to_owned()),
            ("metrics.namespace", |it| it.metrics.namespace = String::new()),
        ];
        for (setting, change) in cases {
            let found = problems(&settings(change));
            assert!(found.len() == 1 && found[0].contains(setting), "{setting}: {found:?}");
        }
        assert_eq!(problems(&settings(|_| ())), Vec::<String>::new());
    }

    #[test]
    fn what_is_of_another_region_is_named_with_both() {
        let key = |region: &str| Some(format!("arn:aws:kms:{region}:123456789012:key/1234"));
        let settings = settings(|it| {
            it.lake.kms_key = key("us-east-1");
            it.training.volume_kms_key = key("eu-west-1");
            it.training.output_kms_key = Some("alias/x".to_owned());
            it.events_queue = Some("https://sqs.eu-west-1.amazonaws.com/123456789012/events".to_owned());
        });
        assert_eq!(problems(&settings), Vec::<String>::new());
        let found = region_problems(&settings, "eu-west-1");
        assert!(found.len() == 1 && found[0].contains("lake.kms_key is in us-east-1"), "{found:?}");
        let found = region_problems(&settings, "us-east-1");
        let named: Vec<_> = found.iter().map(|problem| problem.split(' ').nth(1).unwrap()).collect();
        assert_eq!(named, ["events_queue", "training.image", "training.volume_kms_key", "alerts.topic_arn"]);
    }
}
