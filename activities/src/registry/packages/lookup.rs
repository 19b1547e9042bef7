//! Finding a version's package: by the ARN that its creation gave, which the lake remembers; by a list, which
//! may be older than the package, only where nothing is remembered.

use aws_sdk_sagemaker::types::{InferenceSpecification, ModelPackageSummary};
use lake::RemoteErrorKind;
use lake::aws::explain;
use lake::{Lake, LakeId, keys};
use serde::{Deserialize, Serialize};

use super::ModelPackages;
use crate::error::Result;

/// `models/<version>/package.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    /// The package.
    arn: String,
    /// The group it is in: the settings may name another one by now.
    group: String,
}

impl ModelPackages {
    /// The ARN of a version's package in this group, if it has one.
    pub(super) async fn find(&self, version: &str) -> Result<Option<String>> {
        if let Some(arn) = self.remembered(version).await?
            && self.is_there(&arn).await?
        {
            return Ok(Some(arn));
        }
        let listed = self.listed(version).await?;
        if let Some(arn) = &listed {
            self.remember(version, arn).await?;
        }
        Ok(listed)
    }

    /// Writes the ARN down beside the model.
    pub(super) async fn remember(&self, version: &str, arn: &str) -> Result<()> {
        let remembered = Remembered { arn: arn.to_owned(), group: self.group.clone() };
        Ok(Lake::S3(self.lake.clone()).put_json(&key(version), &remembered).await?)
    }

    async fn remembered(&self, version: &str) -> Result<Option<String>> {
        let stored = Lake::S3(self.lake.clone()).get_json::<Remembered>(&key(version)).await?;
        Ok(stored.map(|(remembered, _)| remembered).filter(|it| it.group == self.group).map(|it| it.arn))
    }

    /// Somebody may have deleted it.
    async fn is_there(&self, arn: &str) -> Result<bool> {
        let Err(error) = self.client.describe_model_package().model_package_name(arn).send().await else {
            return Ok(true);
        };
        match explain("sagemaker", "DescribeModelPackage", arn, &error) {
            error if error.kind == RemoteErrorKind::Missing => Ok(false),
            error => Err(error.into()),
        }
    }

    /// The newest package of the version and of this lake. A package has a number for a name; what it is of
    /// stands in its description.
    async fn listed(&self, version: &str) -> Result<Option<String>> {
        let (ours, before) = (description(version, &self.lake_id().await?), description_before(version));
        let request = self.client.list_model_packages().model_package_group_name(&self.group);
        let mut pages = request.max_results(100).into_paginator().send();
        let mut found: Option<(i32, String)> = None;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| explain("sagemaker", "ListModelPackages", &self.group, &error))?;
            for package in page.model_package_summary_list() {
                let words = package.model_package_description();
                let is_ours = words == Some(&*ours)
                    || (words == Some(&*before) && self.holds_our_model(package, version).await?);
                if is_ours {
                    let number = package.model_package_version().unwrap_or_default();
                    found = found.max(Some((number, arn(package))));
                }
            }
        }
        Ok(found.map(|(_, arn)| arn))
    }

    /// A package of before lakes were told apart: its model's place tells whose it is.
    async fn holds_our_model(&self, package: &ModelPackageSummary, version: &str) -> Result<bool> {
        let arn = arn(package);
        let described = self.client.describe_model_package().model_package_name(&arn).send().await;
        let described = described.map_err(|error| explain("sagemaker", "DescribeModelPackage", &arn, &error))?;
        let containers = described.inference_specification().map(InferenceSpecification::containers);
        let place = containers
            .and_then(<[_]>::first)
            .and_then(|container| container.model_data_source()?.s3_data_source()?.s3_uri());
        Ok(place == Some(&*self.lake.uri(&keys::model(version))))
    }
}

/// What a package of a version and a lake is described by.
pub(super) fn description(version: &str, lake: &LakeId) -> String {
    format!("churn model {version} of lake {lake}")
}

/// The same before lakes were told apart.
fn description_before(version: &str) -> String {
    format!("churn model {version}")
}

fn arn(package: &ModelPackageSummary) -> String {
    package.model_package_arn().unwrap_or_default().to_owned()
}

fn key(version: &str) -> String {
    keys::model_package(version)
}
