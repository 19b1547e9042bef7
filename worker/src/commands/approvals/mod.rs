//! `spanishgas approvals`: the promotions that wait for a person, and the person's word.

mod decide;
mod list;

use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// List the promotions that wait, with their figures; for example `approvals list`. Exit code 0: none waits, 2: one does,
    /// 1: it could not be found out.
    List(list::List),
    /// Let a promotion go ahead; for example `approvals approve nightly-retrain --by ana --comment "checked the card"`. Exit code
    /// 0: done, 1: the run refuses, is not at work, or cannot be reached.
    Approve(decide::Decide),
    /// Turn a promotion down: the champion stays and scores; for example `approvals reject nightly-retrain --by ana --comment
    /// "wait for January"`. Exit code 0: done, 1: the run refuses, is not at work, or cannot be reached.
    Reject(decide::Decide),
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.action {
        Action::List(list) => list::list(&list).await,
        Action::Approve(decide) => decide::approve(decide).await,
        Action::Reject(decide) => decide::reject(decide).await,
    }
}
