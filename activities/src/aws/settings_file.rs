//! Reads `aws.yaml`. Parsed once; every problem is reported at once.

use std::path::Path;

use super::checks::problems;
use super::settings::AwsSettings;

impl AwsSettings {
    /// Parses `text` when it is given, else reads `aws.yaml` in the configuration folder; the error lists every problem.
    pub fn load(folder: Option<&Path>, text: Option<&str>) -> Result<Self, Vec<String>> {
        let path = folder.map(|folder| folder.join("aws.yaml"));
        let there = path.as_deref().is_some_and(Path::exists);
        match (text, path) {
            (Some(_), Some(path)) if there => Err(vec![format!(
                "aws.yaml is given twice: as a text (SPANISHGAS_AWS_YAML or --aws-yaml) and as {}; leave one of them out",
                path.display()
            )]),
            (Some(text), _) => Self::parse(text),
            (None, Some(path)) => Self::parse(&read(&path)?),
            (None, None) => {
                let how = "copy configs/aws.yaml to a folder of your own, fill it in, and give the folder as --config";
                Err(vec![format!(
                    "aws.yaml: the aws profile needs it; {how} (or SPANISHGAS_CONFIG), or its text as SPANISHGAS_AWS_YAML"
                )])
            }
        }
    }

    /// Parses and checks the text of `aws.yaml`.
    pub fn parse(yaml: &str) -> Result<Self, Vec<String>> {
        let settings: Self = serde_norway::from_str(yaml).map_err(|error| vec![format!("aws.yaml: {error}")])?;
        let problems = problems(&settings);
        if problems.is_empty() { Ok(settings) } else { Err(problems) }
    }
}

fn read(path: &Path) -> Result<String, Vec<String>> {
    std::fs::read_to_string(path).map_err(|error| {
        vec![format!("could not read {}: {error}; copy configs/aws.yaml there and fill it in", path.display())]
    })
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
    fn the_text_replaces_the_file_and_both_are_one_too_many() {
        let folder = tempfile::tempdir().unwrap();
        let missing = AwsSettings::load(Some(folder.path()), None).unwrap_err();
        assert!(missing[0].contains("could not read"), "{missing:?}");
        assert!(AwsSettings::load(Some(folder.path()), Some(COMPLETE)).is_ok());
        assert!(AwsSettings::load(None, Some(COMPLETE)).is_ok());
        std::fs::write(folder.path().join("aws.yaml"), COMPLETE).unwrap();
        assert!(AwsSettings::load(Some(folder.path()), None).is_ok());
        let twice = AwsSettings::load(Some(folder.path()), Some(COMPLETE)).unwrap_err();
        assert!(twice[0].contains("twice"), "{twice:?}");
        let nowhere = AwsSettings::load(None, None).unwrap_err();
        assert!(nowhere[0].contains("SPANISHGAS_AWS_YAML"), "{nowhere:?}");
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
