//! SageMaker's model registry: a package per version in one group, pending until it is decided.

use std::collections::HashMap;

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::types::{
    DriftCheckBaselines, DriftCheckModelDataQuality, DriftCheckModelQuality, InferenceSpecification, MetricsSource,
    ModelApprovalStatus, ModelCompressionType, ModelDataSource, ModelMetrics, ModelPackageContainerDefinition,
    ModelQuality, S3ModelDataSource, S3ModelDataType,
};

use super::{Approval, Proposal, Registration};
use crate::aws::explain;
use crate::digest::Digest;
use crate::error::Result;
use crate::lake::{Lake, S3Lake, keys};

/// SageMaker's limit for the words of a decision.
const MOST_WORDS: usize = 1024;

/// The packages of one group.
#[derive(Debug, Clone)]
pub struct ModelPackages {
    client: Client,
    lake: S3Lake,
    group: String,
    image: String,
}

impl ModelPackages {
    /// The packages of a group that exists; models are in the lake, their program in the image.
    pub fn new(client: Client, lake: S3Lake, group: String, image: String) -> Self {
        Self { client, lake, group, image }
    }

    /// Whether the group can be read.
    pub(super) async fn reach(&self) -> Result<()> {
        self.find("").await.map(drop)
    }

    /// Makes sure that the version has a package; a new one waits for its verdict.
    pub(super) async fn propose(&self, proposal: &Proposal<'_>) -> Result<()> {
        if self.find(proposal.version).await?.is_none() {
            self.create(proposal).await?;
        }
        Ok(())
    }

    /// Approves or rejects the version's package with the reasons; its ARN.
    pub(super) async fn decide(&self, registration: &Registration) -> Result<String> {
        let missing = || crate::remote::RemoteError {
            service: "sagemaker",
            operation: "ListModelPackages",
            target: self.group.clone(),
            trouble: crate::remote::Trouble::Missing,
            said: format!("no package of version {}", registration.version),
        };
        let arn = self.find(&registration.version).await?.ok_or_else(missing)?;
        let status = match registration.status {
            Approval::Approved => ModelApprovalStatus::Approved,
            Approval::Rejected | Approval::Withdrawn => ModelApprovalStatus::Rejected,
        };
        let request = self.client.update_model_package().model_package_arn(&arn).model_approval_status(status);
        let decided = request.approval_description(words(registration)).send().await;
        decided.map_err(|error| explain("sagemaker", "UpdateModelPackage", &arn, &error))?;
        Ok(arn)
    }

    /// The ARN of the newest package of a version. A package has a number for a name; the version stands
    /// in its description.
    async fn find(&self, version: &str) -> Result<Option<String>> {
        let request = self.client.list_model_packages().model_package_group_name(&self.group);
        let mut pages = request.max_results(100).into_paginator().send();
        let mut found: Option<(i32, String)> = None;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| explain("sagemaker", "ListModelPackages", &self.group, &error))?;
            for package in page.model_package_summary_list() {
                if package.model_package_description() == Some(description(version).as_str()) {
                    let number = package.model_package_version().unwrap_or_default();
                    let arn = package.model_package_arn().unwrap_or_default().to_owned();
                    found = found.max(Some((number, arn)));
                }
            }
        }
        Ok(found.map(|(_, arn)| arn))
    }

    async fn create(&self, proposal: &Proposal<'_>) -> Result<()> {
        let evaluation = self.source(&proposal.evaluation.key, "application/json", Some(&proposal.evaluation.digest));
        let reference = self.reference(proposal.version).await?;
        let request = self
            .client
            .create_model_package()
            .model_package_group_name(&self.group)
            .model_package_description(description(proposal.version))
            .model_approval_status(ModelApprovalStatus::PendingManualApproval)
            .inference_specification(self.program(proposal.version))
            .model_metrics(
                ModelMetrics::builder()
                    .model_quality(ModelQuality::builder().statistics(evaluation.clone()).build())
                    .build(),
            )
            .drift_check_baselines(
                DriftCheckBaselines::builder()
                    .model_quality(DriftCheckModelQuality::builder().statistics(evaluation).build())
                    .model_data_quality(DriftCheckModelDataQuality::builder().statistics(reference).build())
                    .build(),
            )
            .set_customer_metadata_properties(Some(properties(proposal)))
            // The same proposal, sent twice, is one package.
            .client_token(Digest::of_json(&(&self.group, proposal.version, &proposal.evaluation.digest)).short());
        let created = request.send().await;
        created.map_err(|error| explain("sagemaker", "CreateModelPackage", &self.group, &error))?;
        Ok(())
    }

    /// The training values, which drift is measured against.
    async fn reference(&self, version: &str) -> Result<MetricsSource> {
        let key = keys::model_file(version, "reference.parquet");
        let digest = Lake::S3(self.lake.clone()).head(&key).await?.and_then(|head| head.digest);
        let source =
            MetricsSource::builder().content_type("application/vnd.apache.parquet").s3_uri(self.lake.uri(&key));
        Ok(source.set_content_digest(digest.map(|digest| format!("sha256:{digest}"))).build())
    }

    fn source(&self, key: &str, content_type: &str, digest: Option<&Digest>) -> MetricsSource {
        MetricsSource::builder()
            .content_type(content_type)
            .s3_uri(self.lake.uri(key))
            .set_content_digest(digest.map(|digest| format!("sha256:{digest}")))
            .build()
    }

    /// The model's files in the lake, and the image that reads them.
    fn program(&self, version: &str) -> InferenceSpecification {
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

fn description(version: &str) -> String {
    format!("churn model {version}")
}

/// Figures and digests, for people who look at the package in the console.
fn properties(proposal: &Proposal<'_>) -> HashMap<String, String> {
    let metrics = &proposal.summary.metrics;
    [
        ("version", proposal.version.to_owned()),
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
fn words(registration: &Registration) -> String {
    let mut checks: Vec<_> = registration.verdict.checks.iter().collect();
    checks.sort_by_key(|check| check.passed);
    let word = |passed: bool| if passed { "passed" } else { "FAILED" };
    let lines: Vec<_> =
        checks.iter().map(|check| format!("{} {}: {}", check.name, word(check.passed), check.note)).collect();
    let withdrawn = registration.withdrawal().map(|change| format!("withdrawn by {}: {}; ", change.by, change.reason));
    let withdrawn = withdrawn.unwrap_or_default();
    let text = format!("{withdrawn}run {}: {}", registration.registered_by, lines.join("; "));
    // A person's comment may have lines; SageMaker takes one.
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(MOST_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use churn::model::{Check, Verdict};

    use super::*;

    #[test]
    fn the_words_of_a_decision_begin_with_what_failed_and_fit() {
        let check = |name: &str, passed| Check {
            name: name.to_owned(),
            value: None,
            limit: 0.7,
            passed,
            note: "line\n".repeat(200),
        };
        let registration = Registration {
            version: "v".to_owned(),
            status: Approval::Rejected,
            compared_with: None,
            verdict: Verdict::of(vec![check("calibration", true), check("pr_auc_floor", false)]),
            registered_by: "nightly".to_owned(),
            run_id: "r".to_owned(),
            model_package_arn: None,
            judgements: Vec::new(),
            withdrawals: Vec::new(),
        };
        let words = words(&registration);
        assert!(words.starts_with("run nightly: pr_auc_floor FAILED: "), "{words}");
        assert!(words.chars().count() == 1024 && !words.contains('\n'), "{words}");
    }
}
