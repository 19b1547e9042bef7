//! What stands in a package: where the model is, what it reached, why it was decided so.

use std::collections::HashMap;

use aws_sdk_sagemaker::types::{
    InferenceSpecification, MetricsSource, ModelCompressionType, ModelDataSource, ModelPackageContainerDefinition,
    S3ModelDataSource, S3ModelDataType,
};
use lake::documents::Registration;
use lake::{Lake, LakeId, keys};
use protocol::Digest;

use super::super::Proposal;
use super::ModelPackages;
use crate::error::Result;

/// SageMaker's limit for the words of a decision.
const MOST_WORDS: usize = 1024;

impl ModelPackages {
    /// The training values, which drift is measured against.
    pub(super) async fn reference(&self, version: &str) -> Result<MetricsSource> {
        let key = keys::model_file(version, "reference.parquet");
        let digest = Lake::S3(self.lake.clone()).head(&key).await?.and_then(|head| head.digest);
        let source =
            MetricsSource::builder().content_type("application/vnd.apache.parquet").s3_uri(self.lake.uri(&key));
        Ok(source.set_content_digest(digest.map(|digest| format!("sha256:{digest}"))).build())
    }

    pub(super) fn source(&self, key: &str, content_type: &str, digest: Option<&Digest>) -> MetricsSource {
        MetricsSource::builder()
            .content_type(content_type)
            .s3_uri(self.lake.uri(key))
            .set_content_digest(digest.map(|digest| format!("sha256:{digest}")))
            .build()
    }

    /// The model's files in the lake, and the image that reads them.
    pub(super) fn program(&self, version: &str) -> InferenceSpecification {
        let files = S3ModelDataSource::builder()
            .s3_uri(self.lake.uri(&keys::model(version)))
            .s3_data_type(S3ModelDataType::S3Prefix)
            .compression_type(ModelCompressionType::None)
            .build();
        let container = ModelPackageContainerDefinition::builder()
            .image(&self.image)
            .model_data_source(ModelDataSource::builder().s3_data_source(files).build())
            .build();
        InferenceSpecification::builder()
            .containers(container)
            .supported_content_types("application/vnd.apache.parquet")
            .supported_response_mime_types("application/vnd.apache.parquet")
            .build()
    }
}

/// Figures and digests, for people who look at the package in the console.
pub(super) fn properties(proposal: &Proposal<'_>, lake: &LakeId) -> HashMap<String, String> {
    let metrics = &proposal.summary.metrics;
    [
        ("version", proposal.version.to_owned()),
        ("lake", lake.to_string()),
        ("gold_digest", proposal.gold.to_string()),
        ("evaluation_digest", proposal.evaluation.digest.to_string()),
        ("holdout_rows", proposal.summary.holdout_rows.to_string()),
        ("pr_auc", metrics.pr_auc.to_string()),
        ("roc_auc", metrics.roc_auc.to_string()),
        ("brier", metrics.brier.to_string()),
        ("precision", metrics.precision.to_string()),
        ("recall", metrics.recall.to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// Every check in words, the failed ones first.
pub(super) fn words(registration: &Registration) -> String {
    let mut checks: Vec<_> = registration.verdict.checks.iter().collect();
    checks.sort_by_key(|check| check.passed);
    let word = |passed: bool| if passed { "passed" } else { "FAILED" };
    let lines: Vec<_> =
        checks.iter().map(|check| format!("{} {}: {}", check.name, word(check.passed), check.note)).collect();
    let withdrawn = registration.withdrawal().map(|change| format!("withdrawn by {}: {}; ", change.by, change.reason));
    let withdrawn = withdrawn.unwrap_or_default();
    let overrode =
        registration.overrides.last().map(|change| format!("promoted by {}: {}; ", change.by, change.reason));
    let overrode = overrode.unwrap_or_default();
    let text = format!("{withdrawn}{overrode}run {}: {}", registration.registered_by, lines.join("; "));
    // A person's comment may have lines; SageMaker takes one.
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(MOST_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use churn::model::{Check, CheckName, Verdict};

    use super::*;
    use lake::documents::VersionStatus;

    #[test]
    fn the_words_of_a_decision_begin_with_what_failed_and_fit() {
        let check = |name, passed| Check { name, value: None, limit: 0.7, passed, note: "line\n".repeat(200) };
        let registration = Registration {
            version: "v".into(),
            status: VersionStatus::Rejected,
            compared_with: None,
            verdict: Verdict::of(vec![check(CheckName::NotWithdrawn, true), check(CheckName::PrAucFloor, false)]),
            registered_by: "nightly".to_owned(),
            run_id: "r".into(),
            registered_at: None,
            model_package_arn: None,
            judgements: Vec::new(),
            withdrawals: Vec::new(),
            overrides: Vec::new(),
        };
        let words = words(&registration);
        assert!(words.starts_with("run nightly: pr_auc_floor FAILED: "), "{words}");
        assert!(words.chars().count() == 1024 && !words.contains('\n'), "{words}");
    }
}
