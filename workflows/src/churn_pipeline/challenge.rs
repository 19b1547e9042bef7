//! From the gold table to a decided challenger.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use churn::model::{Check, CheckName, GateSettings, Verdict, gate};
use protocol::Pipeline;
use protocol::pipeline::{Promotion, StageName};
use protocol::progress::WaitingApproval;
use protocol::search_attributes as attributes;
use protocol::steps::{
    Applied, ApplyVerdict, ApprovalSettings, EvaluateModel, Evaluated, JobUse, JudgeModel, RawSnapshot, RunSettings,
    TrainModel,
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
use crate::run::{Call, Failure, Weight, now, text};

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
        self.wait_while_paused().await?;
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
        self.wait_while_paused().await?;
        self.tracker.begin(stage);
        let request = EvaluateModel {
            run: self.execution.run.clone(),
            gold: gold.clone(),
            version: version.clone(),
            reuse: self.reuse(stage),
            label_date: self.label_date(),
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
        self.wait_while_paused().await?;
        if self.order == Order::FactsLast {
            return Ok(gate(&evaluated.summary, limits));
        }
        self.tracker.begin(StageName::Gate);
        let (summary, gate, as_of) = (evaluated.summary.clone(), limits.clone(), self.so_far.borrow().as_of);
        let request = JudgeModel { version: version.clone(), summary, gate, as_of };
        let summary = format!("judge {version}");
        self.execution.call(Pipeline::judge_model, request, Call::of(StageName::Gate, Weight::Light, summary)).await
    }

    /// Waits for a person where the run asks for one; silence reminds, then rejects.
    pub async fn ask_people_if_needed(
        &self,
        verdict: Verdict,
        evaluated: &Evaluated,
        version: &ModelVersion,
        settings: &RunSettings,
    ) -> Result<Verdict, Failure> {
        if self.order == Order::FactsLast {
            self.tracker.begin(StageName::Gate);
        }
        let standing = if evaluated.is_champion { Standing::Champion } else { Standing::Challenger };
        if !needs_person(self.input().promotion(), &verdict, standing) {
            return Ok(verdict);
        }
        let patience = settings.approval;
        self.so_far.borrow_mut().questions += 1;
        let asked = now(&self.execution.ctx);
        self.execution.ctx.state_mut(|state| state.approval = Approval::Waiting);
        self.tracker.change(|progress| {
            progress.approval = Some(waiting(version, evaluated, &verdict.checks, settings, asked));
        });
        let waited = self.ask_people(version, evaluated, patience).await;
        self.tracker.change(|progress| progress.approval = None);
        waited?;
        let check = self.execution.ctx.state(|state| manual_approval(&state.approval, patience));
        self.execution.ctx.state_mut(|state| {
            if state.approval == Approval::Waiting {
                state.approval = Approval::NotAsked;
            }
        });
        Ok(verdict.and([check]))
    }

    /// Asks, reminds, and waits until somebody has decided or it is too late.
    async fn ask_people(
        &self,
        version: &ModelVersion,
        evaluated: &Evaluated,
        patience: ApprovalSettings,
    ) -> Result<(), Failure> {
        let (against, workflow_id) = (evaluated.champion.as_deref(), &self.execution.run.workflow_id);
        let question = Question { version, against, order: self.order, workflow_id, patience };
        self.execution.tell(question.asked()).await;
        if self.decided_within(patience.escalate_after_secs, "remind").await? {
            return Ok(());
        }
        self.execution.tell(question.reminded()).await;
        let reminded = now(&self.execution.ctx);
        self.tracker.change(|progress| {
            if let Some(waiting) = &mut progress.approval {
                waiting.reminded = Some(text(reminded));
                waiting.expires_at = text(later(reminded, patience.reject_after_secs));
            }
        });
        self.decided_within(patience.reject_after_secs, "reject").await.map(drop)
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
            as_of: self.so_far.borrow().as_of,
            label_date: self.label_date(),
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

/// What people are asked, as the run tells of it.
fn waiting(
    version: &ModelVersion,
    evaluated: &Evaluated,
    checks: &[Check],
    settings: &RunSettings,
    asked: DateTime<Utc>,
) -> WaitingApproval {
    let (metrics, patience) = (&evaluated.summary.metrics, settings.approval);
    let remind_at = later(asked, patience.escalate_after_secs);
    WaitingApproval {
        version: version.clone(),
        experiment: settings.experiment.clone(),
        champion: evaluated.champion.clone(),
        pr_auc: metrics.pr_auc,
        roc_auc: metrics.roc_auc,
        brier: metrics.brier,
        champion_pr_auc: evaluated.summary.champion.as_ref().map(|champion| champion.pr_auc),
        checks: checks.to_vec(),
        asked: text(asked),
        remind_at: text(remind_at),
        reminded: None,
        expires_at: text(later(remind_at, patience.reject_after_secs)),
    }
}

/// So many seconds later; more than a calendar holds is its last moment.
fn later(time: DateTime<Utc>, secs: u64) -> DateTime<Utc> {
    let delta = i64::try_from(secs).ok().and_then(TimeDelta::try_seconds);
    delta.and_then(|delta| time.checked_add_signed(delta)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn manual_approval(approval: &Approval, patience: ApprovalSettings) -> Check {
    let (passed, note) = match approval {
        Approval::Decided { answer, decision } => {
            (*answer == Answer::Approved, format!("{} by {}: {}", answer.as_str(), decision.by, decision.comment))
        }
        Approval::Waiting | Approval::NotAsked => {
            let secs = patience.escalate_after_secs.saturating_add(patience.reject_after_secs);
            (false, format!("nobody decided in time: the question expired after {secs} s, reminder included"))
        }
    };
    Check { name: CheckName::ManualApproval, value: None, limit: 1.0, passed, note }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::pipeline::Decision;

    const PATIENCE: ApprovalSettings = ApprovalSettings { escalate_after_secs: 60, reject_after_secs: 30 };

    #[test]
    fn a_time_that_no_calendar_holds_is_its_last() {
        let noon: DateTime<Utc> = "2025-01-02T12:00:00Z".parse().unwrap();
        assert_eq!(text(later(noon, 90)), "2025-01-02T12:01:30.000Z");
        assert_eq!(later(noon, u64::MAX), DateTime::<Utc>::MAX_UTC);
    }

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
            let check = manual_approval(&Approval::Decided { answer, decision }, PATIENCE);
            (check.passed, check.note)
        };
        assert_eq!(decided(Answer::Approved), (true, "approved by ana: looked at it".to_owned()));
        assert_eq!(decided(Answer::Rejected), (false, "rejected by ana: looked at it".to_owned()));
        let silence = manual_approval(&Approval::Waiting, PATIENCE);
        assert!(!silence.passed && silence.note.contains("expired after 90 s"), "{}", silence.note);
        assert!(!manual_approval(&Approval::NotAsked, PATIENCE).passed);
    }
}
