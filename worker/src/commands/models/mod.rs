//! `spanishgas models`: what is registered and who was champion when; what people change about it; whether the files are
//! what they should be.

mod change;
mod damage;
mod diff;
mod facts;
mod look;
mod rebuild;
mod sign;
mod verify;

use std::process::ExitCode;

use activities::registry::Registry;
pub use change::Who;

use crate::environment::EnvironmentOptions;
use crate::scratch::Scratch;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// All registered versions, and which one is champion; for example `models list --json`.
    List(look::Look),
    /// Every move of the champion: when, why, by whom; for example `models history`.
    History(look::Look),
    /// Who was champion at a time; for example `models at 2024-12-31`. Exit code 1: nobody.
    At(look::At),
    /// What differs between two versions: settings, inputs, code, figures, checks, features, importance, size.
    Diff(diff::Diff),
    /// Make a version champion that passed the gate.
    Promote(change::Promote),
    /// Make an earlier version champion again, and withdraw the one that is champion now.
    Rollback(change::Rollback),
    /// Take a version back: no run promotes it until somebody reinstates it.
    Withdraw(change::OfVersion),
    /// Give a withdrawn version free again.
    Reinstate(change::OfVersion),
    /// Compare the files of models with what the training noted, with their signatures, and with a new training.
    Verify(verify::Verify),
    /// Sign the files of a version as they are now: whoever holds the key vouches for them.
    Sign(sign::Sign),
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.action {
        Action::List(look) => look::list(&look).await,
        Action::History(look) => look::history(&look).await,
        Action::At(at) => look::at(&at).await,
        Action::Diff(diff) => diff::run(&diff).await,
        Action::Promote(promote) => Box::pin(change::promote(promote)).await,
        Action::Rollback(rollback) => Box::pin(change::roll_back(rollback)).await,
        Action::Withdraw(withdraw) => Box::pin(change::withdraw(&withdraw)).await,
        Action::Reinstate(reinstate) => Box::pin(change::reinstate(&reinstate)).await,
        Action::Verify(verify) => verify::run(&verify).await,
        Action::Sign(sign) => sign::run(&sign).await,
    }
}

/// The registry; nothing of it is copied to this machine.
async fn open(places: &EnvironmentOptions) -> anyhow::Result<Registry> {
    places.open_registry(Scratch::new(None)?.path()).await
}
