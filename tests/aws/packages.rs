//! A version has one model package in its lake: it is found by the ARN that its creation gave, whatever a list
//! shows, and no other lake decides about it.

use support::aws::sdk::aws_sdk_sagemaker::types::ModelApprovalStatus;

use super::site::{AwsSite, Choice};
use support::aws::Emulators;
use support::aws::runtime::wait_for;
use support::{LENIENT, STRICT, text};

#[test]
fn a_package_that_no_list_shows_yet_is_decided_all_the_same() {
    let site = AwsSite::new(LENIENT);
    site.sagemaker.list_no_packages();
    let result = site.train();
    assert_eq!(text(&result["outcome"]), "promoted");
    let arn = arn(&site, text(&result["model"]["version"]));
    assert_eq!(status(&arn), ModelApprovalStatus::Approved);
    let remembered = site.json(&format!("models/{}/package.json", text(&result["model"]["version"])));
    assert_eq!(text(&remembered["arn"]), arn);
}

#[test]
fn two_lakes_with_one_group_keep_a_package_each() {
    let approving = AwsSite::new(LENIENT);
    let result = approving.train();
    let version = text(&result["model"]["version"]).to_owned();
    let rejecting = AwsSite::of(STRICT, &Choice { group: Some(&approving.group), ..Choice::default() });
    let other = rejecting.train();
    assert_eq!(text(&other["model"]["version"]), version, "the same data gives the same model");

    let (ours, theirs) = (arn(&approving, &version), arn(&rejecting, &version));
    assert_ne!(ours, theirs);
    assert_eq!(status(&ours), ModelApprovalStatus::Approved, "the other lake has decided about it");
    assert_eq!(status(&theirs), ModelApprovalStatus::Rejected);
}

fn arn(site: &AwsSite, version: &str) -> String {
    text(&site.json(&format!("models/{version}/registration.json"))["model_package_arn"]).to_owned()
}

fn status(arn: &str) -> ModelApprovalStatus {
    let arn = arn.to_owned();
    wait_for(async move {
        let emulators = Emulators::shared();
        let sagemaker = emulators.sagemaker(emulators.moto_url()).await;
        let package = sagemaker.describe_model_package().model_package_name(arn).send().await.expect("the package");
        package.model_approval_status().expect("it has one").clone()
    })
}
