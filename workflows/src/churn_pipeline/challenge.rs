//! From the gold table to a decided challenger.

use std::time::Duration;

use churn::model::{Check, CheckName, GateSettings, Verdict, gate};
use protocol::Pipeline;
use protocol::pipeline::{Promotion, StageName};
use protocol::search_attributes as attributes;
use protocol::steps::{
    Applied, ApplyVerdict, ApprovalSettings, EvaluateModel, Evaluated, JobUse, JudgeModel, RawSnapshot, TrainModel,
};
use protocol::{ModelVersion, TableRef};
use temporalio_sdk::TimerOptions;
use temporalio_sdk::workflows::select;

use super::approval::{Answer, Approval};
use super::events::Question;
use super::failures::missing_output;
use super::order::Order;
use super::stages::Stages;
use super::tables::table;
use crate::run::{Call, Failure, Weight};

impl Stages {
    /// Trains the experiment; returns the model's version, and what a remote job took.
    pub async fn train(&self, gold: &TableRef, raw: &RawSnapshot) -> Result<(ModelVersion, Option<JobUse>), Failure> {
        let stage = StageName::Train;
        let experiment = &raw.settings.experiment;
        let weight = if raw.settings.trains_elsewhere { Weight::Waiting } else { Weight::Training };
        let request = TrainModel {
            run: self.execution.run.clone(),
            gold: gold.clone(),
            experiment: experiment.clone(),
            reuse: self.reuse(stage),
        };
        let activity = Pipeline::train_model;
        let summary = format!("train {experiment}");
        self.tracker.begin(stage);
        let trained = self.execution.call(activity, request, Call::of(stage, weight, summary)).await?;
        self.finish(stage, &trained.stage);
        let version = trained.version().map_err(|error| missing_output(&error))?;
        self.execution.ctx.upsert_search_attributes([attributes::MODEL_VERSION.value_set(version.to_string())]);
        Ok((version, trained.stage.job))
    }

    /// Measures the challenger on the holdout, beside the champion.
    pub async fn evaluate(&self, gold: &TableRef, version: &ModelVersion) -> Result<Evaluated, Failure> {
        let stage = StageName::Evaluate;
        self.tracker.begin(stage);
        let request = EvaluateModel {
            run: self.execution.run.clone(),
            gold: gold.clone(),
            version: version.clone(),
            reuse: self.reuse(stage),
        };
        let activity = Pipeline::evaluate_model;
        let summary = format!("holdout figures of {version}");
        let evaluated = self.execution.call(activity, request, Call::of(stage, Weight::Heavy, summary)).await?;
        self.finish(stage, &evaluated.stage);
        self.execution.ctx.upsert_search_attributes([attributes::PR_AUC.value_set(evaluated.summary.metrics.pr_auc)]);
        Ok(evaluated)
    }

    /// The gate's verdict.
    pub async fn judge(
        &self,
        version: &ModelVersion,
        evaluated: &Evaluated,
        limits: &GateSettings,
    ) -> Result<Verdict, Failure> {
        if self.order == Order::FactsLast {
            return Ok(gate(&evaluated.summary, limits));
        }
        self.tracker.begin(StageName::Gate);
        let request = JudgeModel { version: version.clone(), summary: evaluated.summary.clone(), gate: limits.clone() };
        let summary = format!("judge {version}");
        self.execution.call(Pipeline::judge_model, request, Call::of(StageName::Gate, Weight::Light, summary)).await
    }

    /// Waits for a person where the run asks for one; silence reminds, then rejects.
    pub async fn ask_people_if_needed(
        &self,
        mut verdict: Verdict,
        evaluated: &Evaluated,
        version: &ModelVersion,
        patience: ApprovalSettings,
    ) -> Result<Verdict, Failure> {
        if self.order == Order::FactsLast {
            self.tracker.begin(StageName::Gate);
        }
        let standing = if evaluated.is_champion { Standing::Champion } else { Standing::Challenger };
        if !needs_person(self.input().promotion(), &verdict, standing) {
            return Ok(verdict);
        }
        self.execution.ctx.state_mut(|state| state.approval = Approval::Waiting);
        let question = Question { version, against: evaluated.champion.as_deref(), order: self.order };
        self.execution.tell(question.asked(&self.execution.run.workflow_id)).await;
        let reminded = self.decided_within(patience.escalate_after_secs, "remind").await?;
        if !reminded {
            self.execution.tell(question.reminded(patience.reject_after_secs)).await;
            self.decided_within(patience.reject_after_secs, "reject").await?;
        }
        let check = self.execution.ctx.state(|state| manual_approval(&state.approval));
        self.execution.ctx.state_mut(|state| {
            if state.approval == Approval::Waiting {
                state.approval = Approval::NotAsked;
            }
        });
        verdict.checks.push(check);
        Ok(Verdict::of(verdict.checks))
    }

    /// Registers the verdict and promotes a challenger that passed.
    pub async fn apply_verdict(
        &self,
        version: &ModelVersion,
        evaluated: &Evaluated,
        verdict: &Verdict,
    ) -> Result<Applied, Failure> {
        let request = ApplyVerdict {
            run: self.execution.run.clone(),
            version: version.clone(),
            champion: evaluated.champion.clone(),
            evaluation: table(&evaluated.stage.outputs, "evaluation")?,
            verdict: verdict.clone(),
        };
        let stage = StageName::Gate;
        let activity = Pipeline::apply_verdict;
        let summary = if verdict.passed { "promote" } else { "register as rejected" };
        let applied = self.execution.call(activity, request, Call::of(stage, Weight::Heavy, summary)).await?;
        self.finish(stage, &applied.stage);
        Ok(applied)
    }

    async fn decided_within(&self, secs: u64, then: &str) -> Result<bool, Failure> {
        let timer = TimerOptions::builder(Duration::from_secs(secs)).summary(format!("no decision: {then}")).build();
        let decided = select! {
            waited = self.execution.ctx.wait_condition(|state| state.approval != Approval::Waiting) => waited.map(|()| true),
            _ = self.execution.ctx.timer(timer) => Ok(false),
        };
        decided.map_err(|_| Failure::Cancelled)
    }
}

/// What a model was before it was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It wants to become champion.
    Challenger,
    /// The same data gave the champion again.
    Champion,
}

/// What failed needs no person, and the champion needs no second promotion.
fn needs_person(promotion: Promotion, verdict: &Verdict, standing: Standing) -> bool {
    promotion == Promotion::ByPerson && verdict.passed && standing == Standing::Challenger
}

fn manual_approval(approval: &Approval) -> Check {
    let (passed, note) = match approval {
        Approval::Decided { answer, decision } => {
            (*answer == Answer::Approved, format!("{} by {}: {}", answer.as_str(), decision.by, decision.comment))
        }
        Approval::Waiting | Approval::NotAsked => (false, "nobody decided in time".to_owned()),
    };
    Check { name: CheckName::ManualApproval, value: None, limit: 1.0, passed, note }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::pipeline::Decision;

    fn verdict(passed: bool) -> Verdict {
        let note = String::new();
        Verdict::of(vec![Check { name: CheckName::PrAucFloor, value: None, limit: 0.7, passed, note }])
    }

    #[test]
    fn only_a_new_challenger_that_passed_needs_a_person_and_only_where_the_run_asks_for_one() {
        use Promotion::{ByGate, ByPerson};
        use Standing::{Challenger, Champion};
        assert!(needs_person(ByPerson, &verdict(true), Challenger));
        assert!(!needs_person(ByGate, &verdict(true), Challenger), "nobody asked for a person");
        assert!(!needs_person(ByPerson, &verdict(false), Challenger), "it failed");
        assert!(!needs_person(ByPerson, &verdict(true), Champion), "it is champion");
    }

    #[test]
    fn silence_is_no_approval_and_a_decision_names_who_and_why() {
        let decided = |answer| {
            let decision = Decision { by: "ana".to_owned(), comment: "looked at it".to_owned() };
            let check = manual_approval(&Approval::Decided { answer, decision });
            (check.passed, check.note)
        };
        assert_eq!(decided(Answer::Approved), (true, "approved by ana: looked at it".to_owned()));
        assert_eq!(decided(Answer::Rejected), (false, "rejected by ana: looked at it".to_owned()));
        assert!(!manual_approval(&Approval::Waiting).passed);
        assert!(!manual_approval(&Approval::NotAsked).passed);
    }
}
