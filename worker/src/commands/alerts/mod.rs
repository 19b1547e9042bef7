//! `spanishgas alerts`: what people were told, and what they know and want to hear no more of for a while.

mod ack;
mod list;
mod over;
mod until;

use std::process::ExitCode;

use lake::documents::Acknowledgements;
use lake::{Lake, LakeError};

pub use ack::{Known, acknowledge};

/// Somebody else may write at the same moment, but not again and again.
const ATTEMPTS: usize = 5;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// List the alerts of the last 30 days that nobody has acknowledged and that are not over; for example `alerts list`. Exit code
    /// 0: listed, also when there is none; 1: the lake cannot be read.
    List(list::List),
    /// Hear no more of what an alert told until a date: of drift until it worsens; for example `alerts ack 4f90bd8cc094 --until
    /// 2026-12-31 --by ana --reason "the tariffs changed"`. Exit code 0: done, 1: not.
    Ack(ack::Ack),
    /// Take an acknowledgement back; for example `alerts unack 4f90bd8cc094`. Exit code 0: done, 1: there is none.
    Unack(ack::Unack),
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.action {
        Action::List(list) => list::list(&list).await,
        Action::Ack(ack) => ack::ack(ack).await,
        Action::Unack(unack) => ack::unack(unack).await,
    }
}

/// Changes what is remembered, again where somebody else was faster.
async fn change<T>(lake: &Lake, change: impl Fn(&mut Acknowledgements) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let mut attempt = 1;
    loop {
        let (mut all, seen) = Acknowledgements::find(lake).await?;
        let changed = change(&mut all)?;
        match all.store(lake, seen.as_ref()).await {
            Err(LakeError::Conflict { .. }) if attempt < ATTEMPTS => attempt += 1,
            stored => return Ok(stored.map(|()| changed)?),
        }
    }
}

/// The one event that a person names: by its ID, its short ID, or the beginning of either.
fn choose<'a>(events: &[&'a str], name: &str) -> anyhow::Result<&'a str> {
    let is_meant = |event: &&&str| event.starts_with(name) || lake::documents::short_id(event).starts_with(name);
    let meant: Vec<_> = events.iter().filter(is_meant).copied().collect();
    match meant.as_slice() {
        _ if name.is_empty() => anyhow::bail!("name the alert by its ID, as `spanishgas alerts list` shows it"),
        [event] => Ok(event),
        [] => anyhow::bail!("no alert {name}; `spanishgas alerts list --all` shows those that are there"),
        several => anyhow::bail!("several alerts begin with {name}: {}", several.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_named_by_a_beginning_that_no_other_has() {
        let events = ["01a2-4f90bd8cc094", "01a2-77e0aa11bb22", "01b3-4fffffffffff"];
        let refused = |name| choose(&events, name).unwrap_err().to_string();
        assert_eq!(choose(&events, "4f9").unwrap(), events[0]);
        assert_eq!(choose(&events, "01b3").unwrap(), events[2]);
        assert_eq!(choose(&events, events[1]).unwrap(), events[1]);
        assert!(refused("4f").contains("01a2-4f90bd8cc094, 01b3-4fffffffffff"));
        assert!(refused("zz").contains("alerts list --all") && refused("").contains("name the alert"));
    }
}
