//! The registry's entry for a version: how it was judged, every time, and whether people took it back.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use churn::model::{CheckName, Verdict};
use protocol::steps::ApplyVerdict;
use protocol::{Digest, ModelVersion, RunId, TableRef, WorkflowId};
use serde::{Deserialize, Serialize};

/// What a version may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub enum VersionStatus {
    /// May score.
    Approved,
    /// May not, for the reasons in the verdict.
    Rejected,
    /// May not, since a person took it back.
    Withdrawn,
}

/// One judgement of the gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// When, RFC 3339.
    pub at: String,
    /// The workflow that judged.
    pub workflow_id: WorkflowId,
    /// And the run of it.
    pub run_id: RunId,
    /// The champion it was compared with, if there was one.
    pub compared_with: Option<ModelVersion>,
    /// The verdict, check by check.
    pub verdict: Verdict,
    /// The stored evaluation that it was judged by.
    pub evaluation: TableRef,
    /// The date that the judged model was trained for; none from before that was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<SnapshotDate>,
    /// The date of the labels that it learned, where the data or the settings said one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_date: Option<SnapshotDate>,
    /// The PR-AUC on the holdout as it was measured there; none from before that was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pr_auc: Option<f64>,
    /// What it left beside the model, by key: the verdict and both cards. Empty from before that was noted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, Digest>,
}

/// Who changed something by hand, why and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeByHand {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When, RFC 3339.
    pub at: String,
    /// The workflow that did it for them; none of a change without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<WorkflowId>,
    /// And the run of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
}

impl ChangeByHand {
    /// A change that no workflow does.
    pub fn new(by: impl Into<String>, reason: impl Into<String>, at: impl Into<String>) -> Self {
        Self { by: by.into(), reason: reason.into(), at: at.into(), workflow_id: None, run_id: None }
    }

    /// Whether this run did it.
    pub fn is_of(&self, run_id: &RunId) -> bool {
        self.run_id.as_ref() == Some(run_id)
    }

    /// Whether both are one change: of one run, or without a run the very same. Attempts of a run have times of their own.
    pub fn is_same_as(&self, other: &Self) -> bool {
        other.run_id.as_ref().map_or(self == other, |run_id| self.is_of(run_id))
    }
}

/// A version that a person took back, and perhaps gave free again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Who took it back, and why.
    #[serde(flatten)]
    pub change: ChangeByHand,
    /// Who gave it free again, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<ChangeByHand>,
}

/// The registry's entry for a version, `models/<version>/registration.json`. Judgements and withdrawals
/// are only ever added to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    /// The version.
    pub version: ModelVersion,
    /// What it may do.
    pub status: VersionStatus,
    /// The champion it was last compared with, if there was one.
    pub compared_with: Option<ModelVersion>,
    /// The last verdict, check by check.
    pub verdict: Verdict,
    /// The workflow that judged last.
    pub registered_by: String,
    /// And the run of it.
    pub run_id: RunId,
    /// When the version was first registered, RFC 3339; nothing in entries from before that was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_at: Option<String>,
    /// The model package in SageMaker's registry (`aws` profile).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_package_arn: Option<String>,
    /// Every judgement, the first one first.
    #[serde(default)]
    pub judgements: Vec<Judgement>,
    /// Every withdrawal, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withdrawals: Vec<Withdrawal>,
    /// Every time that a person promoted it against its verdict, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<ChangeByHand>,
}

impl Judgement {
    /// A run's judgement.
    pub fn new(request: &ApplyVerdict, at: String) -> Self {
        Self {
            at,
            workflow_id: request.run.workflow_id.clone(),
            run_id: request.run.run_id.clone(),
            compared_with: request.champion.clone(),
            verdict: request.verdict.clone(),
            evaluation: request.evaluation.clone(),
            as_of: request.as_of,
            label_date: request.label_date,
            pr_auc: None,
            files: BTreeMap::new(),
        }
    }

    /// The same with the PR-AUC on the holdout.
    #[must_use]
    pub fn measured(self, pr_auc: f64) -> Self {
        Self { pr_auc: Some(pr_auc), ..self }
    }

    /// The same with the digests of what it left beside the model.
    #[must_use]
    pub fn with_files(self, files: BTreeMap<String, Digest>) -> Self {
        Self { files, ..self }
    }

    /// Whether this says nothing that the other does not: the attempt of an activity came twice.
    fn repeats(&self, other: &Self) -> bool {
        self.run_id == other.run_id && self.compared_with == other.compared_with && self.verdict == other.verdict
    }
}

impl Registration {
    /// The entry with one more judgement. A version that was champion stays available, whatever later
    /// judgements on other data say.
    pub fn judged(before: Option<Self>, version: &str, judgement: Judgement, was_champion: bool) -> Self {
        let (mut judgements, withdrawals, overrides, arn, registered_at) = match before {
            Some(before) => {
                // An entry from before judgements were kept does not know when it was made.
                let known = before.registered_at.or_else(|| before.judgements.first().map(|first| first.at.clone()));
                (before.judgements, before.withdrawals, before.overrides, before.model_package_arn, known)
            }
            None => (Vec::new(), Vec::new(), Vec::new(), None, Some(judgement.at.clone())),
        };
        if let Some(last) = judgements.last_mut().filter(|last| judgement.repeats(last)) {
            // The later attempt wrote them last.
            last.files.clone_from(&judgement.files);
        } else {
            judgements.push(judgement.clone());
        }
        let mut entry = Self {
            version: version.into(),
            status: VersionStatus::Rejected,
            compared_with: judgement.compared_with,
            verdict: judgement.verdict,
            registered_by: judgement.workflow_id.to_string(),
            run_id: judgement.run_id,
            registered_at,
            model_package_arn: arn,
            judgements,
            withdrawals,
            overrides,
        };
        entry.status = entry.status_now(was_champion);
        entry
    }

    /// The entry of a version that nobody has judged, made because a person says something about it.
    pub fn unjudged(version: &str, change: &ChangeByHand) -> Self {
        Self {
            version: version.into(),
            status: VersionStatus::Rejected,
            compared_with: None,
            verdict: Verdict::of(Vec::new()),
            registered_by: change.by.clone(),
            run_id: RunId::new(""),
            registered_at: Some(change.at.clone()),
            model_package_arn: None,
            judgements: Vec::new(),
            withdrawals: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// The entry after a person took the version back; one that is withdrawn already stays as it is.
    pub fn withdrawn_by(mut self, change: ChangeByHand) -> Self {
        if self.withdrawal().is_none() {
            self.withdrawals.push(Withdrawal { change, lifted: None });
        }
        self.status = VersionStatus::Withdrawn;
        self
    }

    /// The entry after a person gave the version free again.
    pub fn reinstated_by(mut self, change: &ChangeByHand, was_champion: bool) -> Self {
        for withdrawal in self.withdrawals.iter_mut().filter(|withdrawal| withdrawal.lifted.is_none()) {
            withdrawal.lifted = Some(change.clone());
        }
        self.status = self.status_now(was_champion);
        self
    }

    /// The entry after a person promoted the version against its verdict.
    pub fn overridden_by(mut self, change: ChangeByHand) -> Self {
        // The second attempt of the same run says nothing new.
        if self.overrides.last().is_none_or(|last| last.run_id.is_none() || last.run_id != change.run_id) {
            self.overrides.push(change);
        }
        self.status = self.status_now(false);
        self
    }

    /// The entry after a promotion against the verdict did not come about: it is as it was before that was noted.
    pub fn not_overridden_by(mut self, change: &ChangeByHand, was_champion: bool) -> Self {
        self.overrides.retain(|noted| !noted.is_same_as(change));
        self.status = self.status_now(was_champion);
        self
    }

    /// The latest date that it was trained for, as far as its judgements know.
    pub fn as_of(&self) -> Option<SnapshotDate> {
        self.judgements.iter().filter_map(|judgement| judgement.as_of).max()
    }

    /// The date of the labels that it learned, as its judgements know it; a model learns one generation of labels alone.
    pub fn label_date(&self) -> Option<SnapshotDate> {
        self.judgements.iter().find_map(|judgement| judgement.label_date)
    }

    /// The highest PR-AUC on a holdout that a judgement of it noted. One of before that was noted has the value of its
    /// check instead, which may be what the PR-AUC is worth at another churn rate.
    pub fn best_pr_auc(&self) -> Option<f64> {
        if self.judgements.is_empty() {
            // Of before every judgement was kept.
            return checked(&self.verdict);
        }
        let noted = self.judgements.iter().filter_map(|judged| judged.pr_auc.or_else(|| checked(&judged.verdict)));
        noted.reduce(f64::max)
    }

    /// The withdrawal in force, if there is one.
    pub fn withdrawal(&self) -> Option<&ChangeByHand> {
        self.withdrawals.iter().rfind(|withdrawal| withdrawal.lifted.is_none()).map(|withdrawal| &withdrawal.change)
    }

    fn status_now(&self, was_champion: bool) -> VersionStatus {
        if self.withdrawal().is_some() {
            VersionStatus::Withdrawn
        } else if was_champion || self.verdict.passed || !self.overrides.is_empty() {
            VersionStatus::Approved
        } else {
            VersionStatus::Rejected
        }
    }
}

/// What was held against the floor.
fn checked(verdict: &Verdict) -> Option<f64> {
    verdict.checks.iter().find(|check| check.name == CheckName::PrAucFloor)?.value
}

#[cfg(test)]
mod tests {
    use churn::model::Check;
    use protocol::Run;

    use super::*;

    /// What a run asks for after its challenger was judged.
    fn request(run: &str, version: &str, champion: Option<&str>, passed: bool) -> ApplyVerdict {
        let check = Check { name: CheckName::PrAucFloor, value: None, limit: 0.7, passed, note: "a note".into() };
        ApplyVerdict {
            run: Run { workflow_id: "w".into(), run_id: run.into(), started: "2024-12-31T02:00:00Z".into() },
            version: version.into(),
            champion: champion.map(Into::into),
            evaluation: TableRef { key: "evaluated/v/evaluation.json".into(), digest: Digest::of(b""), rows: 0 },
            verdict: Verdict::of(vec![check]),
            as_of: None,
            label_date: None,
        }
    }

    fn judgement(run: &str, passed: bool) -> Judgement {
        Judgement::new(&request(run, "v", None, passed), "2024-12-31T02:00:00Z".into())
    }

    fn change(by: &str) -> ChangeByHand {
        ChangeByHand::new(by, "offers went wrong", "2024-12-31T08:00:00Z")
    }

    #[test]
    fn judgements_are_added_and_never_replaced() {
        let first = Registration::judged(None, "v", judgement("one", true), false);
        let second = Registration::judged(Some(first.clone()), "v", judgement("two", false), false);
        assert_eq!((first.status, second.status), (VersionStatus::Approved, VersionStatus::Rejected));
        assert_eq!(second.judgements, [judgement("one", true), judgement("two", false)]);
        let repeated = Registration::judged(Some(second.clone()), "v", judgement("two", false), false);
        assert_eq!(repeated, second, "a repeated attempt adds nothing");
    }

    #[test]
    fn a_version_that_was_champion_stays_available_when_it_is_judged_on_other_data() {
        let champion = Registration::judged(None, "v", judgement("one", true), false);
        let again = Registration::judged(Some(champion), "v", judgement("two", false), true);
        assert_eq!(again.status, VersionStatus::Approved);
        assert!(!again.verdict.passed, "the last verdict is told as it is");
    }

    #[test]
    fn a_withdrawn_version_stays_withdrawn_until_a_person_lifts_it() {
        let champion = Registration::judged(None, "v", judgement("one", true), true).withdrawn_by(change("ana"));
        let judged = Registration::judged(Some(champion), "v", judgement("two", true), true);
        assert_eq!((judged.status, judged.withdrawal()), (VersionStatus::Withdrawn, Some(&change("ana"))));

        let free = judged.reinstated_by(&change("luis"), true);
        assert_eq!((free.status, free.withdrawal()), (VersionStatus::Approved, None));
        assert_eq!(free.withdrawals[0], Withdrawal { change: change("ana"), lifted: Some(change("luis")) });
        let again = free.withdrawn_by(change("eva"));
        assert_eq!((again.withdrawals.len(), again.withdrawal()), (2, Some(&change("eva"))));
        assert_eq!(again.clone().withdrawn_by(change("ana")), again, "twice is once");
    }

    #[test]
    fn a_version_that_was_promoted_against_its_verdict_stays_available_and_both_are_on_record() {
        let rejected = Registration::judged(None, "v", judgement("one", false), false);
        let change = ChangeByHand { run_id: Some("r".into()), ..change("ana") };
        let promoted = rejected.overridden_by(change.clone());
        assert_eq!((promoted.status, promoted.verdict.passed), (VersionStatus::Approved, false));
        assert_eq!(promoted.clone().overridden_by(change).overrides.len(), 1, "a repeated attempt adds nothing");
        let judged = Registration::judged(Some(promoted), "v", judgement("two", false), false);
        assert_eq!((judged.status, judged.overrides.len()), (VersionStatus::Approved, 1));
    }

    #[test]
    fn a_promotion_against_the_verdict_that_did_not_come_about_counts_no_more() {
        let rejected = Registration::judged(None, "v", judgement("one", false), false);
        let of_run = |run: &str| ChangeByHand { run_id: Some(run.into()), ..change("ana") };
        let noted = rejected.clone().overridden_by(of_run("r"));
        let later = ChangeByHand { at: "2025-01-01T00:00:00Z".to_owned(), ..of_run("r") };
        assert_eq!(noted.clone().not_overridden_by(&later, false), rejected);
        assert_eq!(noted.clone().not_overridden_by(&of_run("another"), false), noted);
        let direct = rejected.clone().overridden_by(change("ana"));
        assert_eq!(direct.clone().not_overridden_by(&change("luis"), false), direct);
        assert_eq!(direct.not_overridden_by(&change("ana"), false), rejected);
    }

    #[test]
    fn the_latest_date_that_it_was_trained_for_counts() {
        let of_date =
            |run: &str, date: &str| Judgement { as_of: SnapshotDate::parse(date).ok(), ..judgement(run, true) };
        let first = Registration::judged(None, "v", of_date("one", "2024-12-31"), false);
        let entry = Registration::judged(Some(first), "v", of_date("two", "2024-10-31"), false);
        let entry = Registration::judged(Some(entry), "v", judgement("three", true), false);
        assert_eq!(entry.as_of(), SnapshotDate::parse("2024-12-31").ok());
    }

    #[test]
    fn what_judgements_noted_of_figure_and_labels_is_told() {
        let of = |run: &str, value, label_date: Option<&str>| {
            let label_date = label_date.and_then(|date| SnapshotDate::parse(date).ok());
            let mut judged = Judgement { label_date, ..judgement(run, true) };
            judged.verdict.checks[0].value = value;
            judged
        };
        let first = Registration::judged(None, "v", of("one", Some(0.75), None), false);
        assert_eq!((first.best_pr_auc(), first.label_date()), (Some(0.75), None));
        let again = Registration::judged(Some(first), "v", of("two", Some(0.73), Some("2024-12-31")), false);
        assert_eq!((again.best_pr_auc(), again.label_date()), (Some(0.75), SnapshotDate::parse("2024-12-31").ok()));
        let unknown = Registration::judged(None, "v", judgement("one", true), false);
        assert_eq!((unknown.best_pr_auc(), unknown.label_date()), (None, None));
    }

    #[test]
    fn the_figure_on_record_is_the_measured_one_and_not_what_it_is_worth_at_another_churn_rate() {
        let mut reweighed = judgement("one", true).measured(0.67);
        reweighed.verdict.checks[0].value = Some(0.703);
        let entry = Registration::judged(None, "v", reweighed, false);
        assert_eq!(entry.best_pr_auc(), Some(0.67));
    }

    #[test]
    fn an_entry_of_before_is_still_read() {
        let old = r#"{"version":"v","status":"Approved","compared_with":null,"verdict":{"checks":[],"passed":true},
            "registered_by":"w","run_id":"r"}"#;
        let read: Registration = serde_json::from_str(old).unwrap();
        assert_eq!((read.status, read.judgements.len(), read.withdrawal()), (VersionStatus::Approved, 0, None));
    }
}
