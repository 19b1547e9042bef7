//! The configuration files: parsed once, all problems reported at once, before anything starts.
//!
//! The files of `configs/` are compiled in; a folder given at start-up replaces those it holds.

use std::path::Path;

use chrono_tz::Tz;
use churn::contract::ColumnRegistry;
use churn::drift::DriftSettings;
use churn::features::FeatureTiers;
use churn::model::ModelSettings;
use churn::recommend::{OfferPolicy, ReasonDictionary};
use churn::text::{IntentVocabulary, SentimentModel, SentimentSettings};
use protocol::Digest;
use protocol::steps::ApprovalSettings;
use serde::de::{Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use crate::settings_folder::{self, FILES};

/// Every setting that decides results.
pub struct Configuration {
    /// Features by tier, experiments.
    pub tiers: FeatureTiers,
    /// `feature_tiers.yaml` as it is, for the training job.
    pub tiers_text: String,
    /// Data contracts.
    pub registry: ColumnRegistry,
    /// Intent classes.
    pub intents: IntentVocabulary,
    /// The digest of the intent classes.
    pub intents_digest: Digest,
    /// The sentiment model in use.
    pub sentiment: Box<dyn SentimentModel>,
    /// Training and gate.
    pub model: ModelSettings,
    /// What is offered to whom.
    pub offers: OfferPolicy,
    /// Reasons in words.
    pub reasons: ReasonDictionary,
    /// The digest of policy and reasons.
    pub recommendations_digest: Digest,
    /// Drift rules.
    pub drift: DriftSettings,
    /// How the pipeline runs.
    pub pipeline: PipelineSettings,
    /// The digest of the files as they were read.
    files_digest: Digest,
}

/// `pipeline.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineSettings {
    /// The compressed size of readings that one activity sums, in MiB; 0 is one row group of a file.
    pub slice_mib: u64,
    /// The retailer's time zone: its days, months and tariff tiers count. Timestamps with a zone are converted to it,
    /// those without are taken as its own. A name of the IANA database.
    #[serde(default = "madrid", deserialize_with = "time_zone")]
    pub time_zone: Tz,
    /// Which sentiment model reads the interactions.
    pub sentiment: SentimentSettings,
    /// How long a promotion waits for a person.
    #[serde(deserialize_with = "approval_times")]
    pub approval: ApprovalSettings,
    /// How long a run may be at work, the wait for a person apart; two days by default.
    #[serde(default = "two_days")]
    pub run_limit_secs: u64,
}

/// A misspelt key stops the start. The message of the same name passes over what it does not know, since
/// a history may hold what a newer worker wrote.
fn approval_times<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ApprovalSettings, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Times {
        escalate_after_secs: u64,
        reject_after_secs: u64,
    }
    let Times { escalate_after_secs, reject_after_secs } = Times::deserialize(deserializer)?;
    Ok(ApprovalSettings { escalate_after_secs, reject_after_secs })
}

fn madrid() -> Tz {
    churn::hourly::RETAILER_ZONE
}

fn time_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
    deserializer.deserialize_str(ZoneName)
}

/// Who refuses a value while it is read is told with its key and its line; behind that only the file's begin is known.
struct ZoneName;

impl Visitor<'_> for ZoneName {
    type Value = Tz;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the name of a time zone like Europe/Madrid")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Tz, E> {
        name.parse().map_err(|_| E::invalid_value(Unexpected::Str(name), &self))
    }
}

fn two_days() -> u64 {
    48 * 3600
}

impl Configuration {
    /// The features by tier alone, for who only shows them.
    pub fn feature_tiers(folder: Option<&Path>) -> churn::Result<FeatureTiers> {
        let built_in = include_str!("../../configs/feature_tiers.yaml");
        settings_folder::check(folder)?;
        FeatureTiers::parse(&text(folder, "feature_tiers.yaml", built_in)?)
    }

    /// Loads all files; the error lists every problem.
    pub fn load(folder: Option<&Path>) -> churn::Result<Self> {
        // Of a folder that is not there nothing else can be said.
        folder.map_or(Ok(()), settings_folder::require_there)?;
        let mut problems = Vec::new();
        keep(settings_folder::check(folder), &mut problems);
        let texts = FILES.map(|(name, built_in)| {
            keep(text(folder, name, built_in), &mut problems).unwrap_or_else(|| built_in.to_owned())
        });
        let files_digest = Digest::of_json(&texts);
        let [pipeline, tiers_text, registry, intents_text, model, offers_text, reasons_text, drift] = texts;

        let pipeline: Option<PipelineSettings> = keep(parse("pipeline.yaml", &pipeline), &mut problems);
        let sentiment = pipeline.as_ref().and_then(|p| keep(p.sentiment.build(), &mut problems));
        let tiers = keep(FeatureTiers::parse(&tiers_text), &mut problems);
        let registry = keep(ColumnRegistry::parse(&registry), &mut problems);
        let intents = keep(IntentVocabulary::parse(&intents_text), &mut problems);
        let model = keep(ModelSettings::parse(&model), &mut problems);
        let offers = keep(OfferPolicy::parse(&offers_text), &mut problems);
        let reasons = keep(ReasonDictionary::parse(&reasons_text), &mut problems);
        let drift = keep(DriftSettings::parse(&drift), &mut problems);
        if let (Some(tiers), Some(reasons)) = (&tiers, &reasons) {
            for experiment in tiers.experiments() {
                let covered = tiers.features(experiment).and_then(|features| reasons.check(&features));
                keep(covered, &mut problems);
            }
        }

        let recommendations_digest = Digest::of_json(&(&offers_text, &reasons_text));
        let intents_digest = Digest::of(intents_text.as_bytes());
        match (pipeline, sentiment, tiers, registry, intents, model, offers, reasons, drift) {
            (
                Some(pipeline),
                Some(sentiment),
                Some(tiers),
                Some(registry),
                Some(intents),
                Some(model),
                Some(offers),
                Some(reasons),
                Some(drift),
            ) if problems.is_empty() => Ok(Self {
                tiers,
                tiers_text,
                registry,
                intents,
                intents_digest,
                sentiment,
                model,
                offers,
                reasons,
                recommendations_digest,
                drift,
                pipeline,
                files_digest,
            }),
            _ => {
                problems.dedup();
                Err(churn::Error::settings("configuration", problems.join("; ")))
            }
        }
    }

    /// The digest of all that is in force: the files, the sentiment model's own files, and what the start-up
    /// has changed (the demo's floor).
    pub fn digest(&self) -> Digest {
        Digest::of_json(&(&self.files_digest, self.sentiment.digest(), &self.model))
    }
}

/// A file of the folder that is asked for, or the built-in one where it has none of this name.
fn text(folder: Option<&Path>, name: &str, built_in: &str) -> churn::Result<String> {
    let Some(folder) = folder else {
        return Ok(built_in.to_owned());
    };
    let path = folder.join(name);
    match std::fs::read_to_string(&path) {
        // It was meant to count.
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && path.is_symlink() => {
            let problem = "is a link that leads nowhere; mend it, or take it away for what is built in";
            Err(churn::Error::settings(path.display().to_string(), problem))
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(built_in.to_owned()),
        text => text.map_err(churn::Error::file("read", &path)),
    }
}

fn parse<T: serde::de::DeserializeOwned>(name: &str, yaml: &str) -> churn::Result<T> {
    serde_norway::from_str(yaml).map_err(|e| churn::Error::settings(name, e.to_string()))
}

fn keep<T>(parsed: churn::Result<T>, problems: &mut Vec<String>) -> Option<T> {
    let describe = |error| match error {
        churn::Error::Settings { what, problem } => format!("{what}: {problem}"),
        other => other.to_string(),
    };
    parsed.map_err(|error| problems.push(describe(error))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_folder_has_the_built_in_files_and_one_that_is_not_there_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let built_in = Configuration::load(None).unwrap().digest();
        assert_eq!(Configuration::load(Some(folder.path())).unwrap().digest(), built_in);
        let missing = folder.path().join("nowhere");
        let message = Configuration::load(Some(&missing)).err().unwrap().to_string();
        assert_eq!(message.matches("there is no such folder").count(), 1, "{message}");
        assert_eq!(message.matches("settings: ").count(), 1, "{message}");
        assert!(message.contains("nowhere") && message.contains("--config"), "{message}");
        Configuration::feature_tiers(Some(&missing)).unwrap_err();
        // A file in its place is no folder either, and is told once, not for every file that is looked for in it.
        std::fs::write(&missing, "").unwrap();
        assert_eq!(Configuration::load(Some(&missing)).err().unwrap().to_string(), message);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_no_file_that_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/nowhere/model.yaml", folder.path().join("model.yaml")).unwrap();
        let message = Configuration::load(Some(folder.path())).err().unwrap().to_string();
        assert!(message.contains("model.yaml: is a link that leads nowhere; mend it"), "{message}");
    }

    #[test]
    fn a_file_of_another_name_is_told_with_the_problems_of_the_others() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pipeline.yml"), "slice_mib: 1\n").unwrap();
        let tiers = Configuration::feature_tiers(Some(folder.path())).unwrap_err().to_string();
        assert!(tiers.contains("pipeline.yml"), "{tiers}");
        std::fs::write(folder.path().join("drift.yaml"), "trian: 0.1\n").unwrap();
        let message = Configuration::load(Some(folder.path())).err().unwrap().to_string();
        assert!(message.contains("pipeline.yml (is it pipeline.yaml?)") && message.contains("`trian`"), "{message}");
    }

    #[test]
    fn an_unknown_time_zone_is_told_with_its_key_and_its_line() {
        let yaml = "slice_mib: 1\ntime_zone: Mars/Olympus\nsentiment: { model: lexicon }\n\
                    approval: { escalate_after_secs: 1, reject_after_secs: 1 }\n";
        let message = parse::<PipelineSettings>("pipeline.yaml", yaml).unwrap_err().to_string();
        let expected = "settings: pipeline.yaml: time_zone: invalid value: string \"Mars/Olympus\", \
                        expected the name of a time zone like Europe/Madrid at line 2 column 12";
        assert_eq!(message, expected);
        let known =
            parse::<PipelineSettings>("pipeline.yaml", &yaml.replace("Mars/Olympus", "Atlantic/Azores")).unwrap();
        assert_eq!(known.time_zone, Tz::Atlantic__Azores);
    }
}
