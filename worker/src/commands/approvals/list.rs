//! `approvals list`.

use std::process::ExitCode;
use std::time::Duration;

use futures::StreamExt;
use protocol::progress::{Progress, WaitingApproval};
use serde::Serialize;
use temporalio_client::Client;

use crate::at_work::{AtWork, runs_at_work};
use crate::connect::{ServerArguments, connect};
use crate::follow::ask;
use crate::run_handle::handle;

/// Something waits for a person.
const WAITING: u8 = 2;
/// So many runs are asked at once.
const AT_ONCE: usize = 8;

#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    pub server: ServerArguments,
    /// Print them as one JSON list.
    #[arg(long)]
    pub json: bool,
}

/// A promotion that waits.
#[derive(Debug, Serialize)]
struct Line {
    workflow_id: String,
    run_id: String,
    /// What the run says of it.
    approval: WaitingApproval,
}

pub async fn list(list: &List) -> anyhow::Result<ExitCode> {
    let client = connect(&list.server.settings()?, Duration::from_secs(10)).await?;
    let runs = runs_at_work(&client, &list.server.task_queue).await?;
    let (mut lines, mut silent) = (Vec::new(), Vec::new());
    let mut answers = futures::stream::iter(runs).map(|run| asked(&client, run)).buffered(AT_ONCE);
    while let Some((AtWork { workflow_id, run_id }, progress)) = answers.next().await {
        match progress {
            Some(progress) => lines.extend(progress.approval.map(|approval| Line { workflow_id, run_id, approval })),
            None => silent.push(workflow_id),
        }
    }
    if list.json {
        println!("{}", serde_json::to_string_pretty(&lines)?);
    } else if silent.is_empty() || !lines.is_empty() {
        print!("{}", text(&lines));
    }
    if !silent.is_empty() {
        anyhow::bail!(
            "{} does not say whether it waits: no worker of task queue {} answers for it",
            silent.join(", "),
            list.server.task_queue
        );
    }
    Ok(if lines.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(WAITING) })
}

async fn asked(client: &Client, run: AtWork) -> (AtWork, Option<Progress<String>>) {
    let answer = ask(&handle(client, &run.workflow_id)).await;
    (run, answer)
}

fn text(lines: &[Line]) -> String {
    if lines.is_empty() {
        return "no promotion waits for a person\n".to_owned();
    }
    let how = "\nspanishgas approvals approve RUN --by NAME, or reject RUN --by NAME --comment WHY\n".to_owned();
    lines.iter().flat_map(Line::words).map(|line| line + "\n").chain([how]).collect()
}

impl Line {
    /// What a person must know to decide, line by line.
    fn words(&self) -> Vec<String> {
        let Self { workflow_id, run_id, approval } = self;
        let WaitingApproval { version, experiment, pr_auc, roc_auc, brier, asked, expires_at, .. } = approval;
        let champion = match (&approval.champion, approval.champion_pr_auc) {
            (Some(champion), Some(pr_auc)) => format!("{champion}: PR-AUC {pr_auc:.3} on the same customers"),
            (Some(champion), None) => champion.to_string(),
            (None, _) => "none".to_owned(),
        };
        let reminder = match &approval.reminded {
            Some(reminded) => format!("people were reminded at {reminded}"),
            None => format!("people are reminded at {}", approval.remind_at),
        };
        let checks = approval.checks.iter().map(|check| {
            let word = if check.passed { "passed" } else { "FAILED" };
            format!("  check    {} {word}: {}", check.name, check.note)
        });
        let model = format!("{version} ({experiment}): PR-AUC {pr_auc:.3}, ROC-AUC {roc_auc:.3}, Brier {brier:.4}");
        let head =
            [format!("{workflow_id} ({run_id})"), format!("  model    {model}"), format!("  champion {champion}")];
        let times = format!("  asked    {asked}; {reminder}; without an answer it is rejected at {expires_at}");
        head.into_iter().chain(checks).chain([times]).collect()
    }
}

#[cfg(test)]
mod tests {
    use churn::model::{Check, CheckName};

    use super::*;

    #[test]
    fn who_decides_sees_the_figures_and_until_when() {
        let note = "holdout PR-AUC 0.750 reaches the floor 0.700".to_owned();
        let check = Check { name: CheckName::PrAucFloor, value: Some(0.75), limit: 0.7, passed: true, note };
        let approval = WaitingApproval {
            version: "new".into(),
            experiment: "E5_full".to_owned(),
            champion: Some("old".into()),
            pr_auc: 0.75,
            roc_auc: 0.936,
            brier: 0.0438,
            champion_pr_auc: Some(0.74),
            checks: vec![check],
            asked: "2026-11-26T02:00:00.000Z".to_owned(),
            remind_at: "2026-11-27T02:00:00.000Z".to_owned(),
            reminded: None,
            expires_at: "2026-11-29T02:00:00.000Z".to_owned(),
        };
        let line = Line { workflow_id: "nightly".to_owned(), run_id: "r1".to_owned(), approval };
        let shown = text(&[line]);
        for part in
            ["nightly (r1)", "PR-AUC 0.750, ROC-AUC 0.936", "old: PR-AUC 0.740", "pr_auc_floor passed", "2026-11-29"]
        {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert_eq!(text(&[]), "no promotion waits for a person\n");
    }
}
