//! Reads `aws.yaml`. Parsed once; every problem is reported at once.

use std::path::Path;

use super::checks::problems;
use super::settings::AwsSettings;

impl AwsSettings {
    /// Reads `aws.yaml` in the configuration folder; the error lists every problem.
    pub fn load(folder: Option<&Path>) -> Result<Self, Vec<String>> {
        let Some(folder) = folder else {
            let how = "copy configs/aws.yaml to a folder of your own, fill it in, and give the folder as --config";
            return Err(vec![format!("aws.yaml: the aws profile needs it; {how} (or SPANISHGAS_CONFIG)")]);
        };
        let path = folder.join("aws.yaml");
        let text = std::fs::read_to_string(&path).map_err(|error| {
            vec![format!("could not read {}: {error}; copy configs/aws.yaml there and fill it in", path.display())]
        })?;
        Self::parse(&text)
    }

    /// Parses and checks the text of `aws.yaml`.
    pub fn parse(yaml: &str) -> Result<Self, Vec<String>> {
        let settings: Self = serde_norway::from_str(yaml).map_err(|error| vec![format!("aws.yaml: {error}")])?;
        let problems = problems(&settings);
        if problems.is_empty() { Ok(settings) } else { Err(problems) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::COMPLETE;
    use super::*;

    #[test]
    fn the_template_names_all_that_is_missing_at_once() {
        let missing = AwsSettings::parse(include_str!("../../../configs/aws.yaml")).unwrap_err();
        let named = ["training.image", "training.role_arn", "registry.model_package_group", "alerts.topic_arn"];
        assert_eq!(missing.len(), named.len(), "{missing:#?}");
        for name in named {
            assert!(missing.iter().any(|problem| problem.contains(name)), "{name} in {missing:#?}");
        }
    }

    #[test]
    fn the_account_s_names_are_enough() {
        let settings = AwsSettings::parse(COMPLETE).unwrap();
        assert_eq!((settings.lake.part_mib, settings.metrics.namespace.as_str()), (16, "SpanishGas/MLOps"));
    }

    #[test]
    fn values_out_of_range_and_unknown_keys_are_named() {
        let text = COMPLETE.to_owned() + "lake: { part_mib: 1, cache_gib: 0 }\n";
        let problems = AwsSettings::parse(&text).unwrap_err();
        assert_eq!(problems.len(), 2, "{problems:?}");
        let unknown = AwsSettings::parse("lake: { bucket: x }").unwrap_err();
        assert!(unknown[0].contains("bucket"), "{unknown:?}");
    }
}
