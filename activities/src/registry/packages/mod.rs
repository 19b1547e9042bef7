//! SageMaker's model registry: a package per version and lake in one group, pending until it is decided.

mod content;
mod lookup;

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::types::{
    DriftCheckBaselines, DriftCheckModelDataQuality, DriftCheckModelQuality, ModelApprovalStatus, ModelMetrics,
    ModelQuality,
};
use lake::aws::explain;
use lake::documents::{Registration, VersionStatus};
use lake::{Lake, LakeId, S3Lake};
use lake::{RemoteError, RemoteErrorKind};
use lookup::description;
use protocol::Digest;

use super::Proposal;
use crate::error::Result;

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

    /// Makes sure that the version has a package; a new one waits for its verdict.
    pub(super) async fn propose(&self, proposal: &Proposal<'_>) -> Result<()> {
        if self.find(proposal.version).await?.is_none() {
            let arn = self.create(proposal).await?;
            self.remember(proposal.version, &arn).await?;
        }
        Ok(())
    }

    /// Approves or rejects the version's package with the reasons; its ARN. A version that is withdrawn may have
    /// lost its package: nothing keeps people from taking a model back.
    pub(super) async fn decide(&self, registration: &Registration) -> Result<Option<String>> {
        let found = self.find(&registration.version).await?;
        let Some(arn) = found else {
            let needs_none = registration.status == VersionStatus::Withdrawn;
            return if needs_none { Ok(None) } else { Err(self.not_yet(&registration.version).into()) };
        };
        let status = match registration.status {
            VersionStatus::Approved => ModelApprovalStatus::Approved,
            VersionStatus::Rejected | VersionStatus::Withdrawn => ModelApprovalStatus::Rejected,
        };
        let request = self.client.update_model_package().model_package_arn(&arn).model_approval_status(status);
        let decided = request.approval_description(content::words(registration)).send().await;
        decided.map_err(|error| explain("sagemaker", "UpdateModelPackage", &arn, &error))?;
        Ok(Some(arn))
    }

    /// A list may be older than the package.
    fn not_yet(&self, version: &str) -> RemoteError {
        RemoteError {
            service: "sagemaker",
            operation: "ListModelPackages",
            target: self.group.clone(),
            kind: RemoteErrorKind::Unavailable,
            said: format!("no package of version {version} of this lake is listed yet"),
        }
    }

    async fn create(&self, proposal: &Proposal<'_>) -> Result<String> {
        let lake = self.lake_id().await?;
        let evaluation = self.source(&proposal.evaluation.key, "application/json", Some(&proposal.evaluation.digest));
        let reference = self.reference(proposal.version).await?;
        let request = self
            .client
            .create_model_package()
            .model_package_group_name(&self.group)
            .model_package_description(description(proposal.version, &lake))
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
            .set_customer_metadata_properties(Some(content::properties(proposal, &lake)))
            // The same proposal, sent twice, is one package.
            .client_token(
                Digest::of_json(&(&self.group, &lake, proposal.version, &proposal.evaluation.digest)).short(),
            );
        let created = request.send().await;
        let created = created.map_err(|error| explain("sagemaker", "CreateModelPackage", &self.group, &error))?;
        Ok(created.model_package_arn().unwrap_or_default().to_owned())
    }

    /// Two lakes may share a group, and have the same model.
    async fn lake_id(&self) -> Result<LakeId> {
        Ok(Lake::S3(self.lake.clone()).identity().await?)
    }
}
