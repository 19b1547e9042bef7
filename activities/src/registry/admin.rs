//! Changes by people: one verb for all of them. Each is refused in words, made at most once by a run, and on record with
//! who, why, when and which run.

use std::collections::BTreeSet;

use churn::Kind;
use lake::LakeError;
use lake::documents::{ChampionPointer, ChangeByHand, Registration, VersionStatus};
use protocol::ModelVersion;
use protocol::model_admin::{Administered, ModelAction, ModelAdminInput};

use super::Registry;
use crate::error::{Error, Result};

/// Which state of the registry a wish is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminState {
    /// The champion.
    pub champion: Option<ModelVersion>,
    /// The champion before it.
    pub previous: Option<ModelVersion>,
    /// The number of the champion's last move; 0 before the first.
    pub last_move: u64,
}

impl Registry {
    /// Makes the change that a person wants, unless the run of `change` has made it before.
    pub async fn administer(&self, wish: &ModelAdminInput, change: &ChangeByHand) -> Result<Administered> {
        if let Some(done) = self.done_by_this_run(wish, change).await? {
            return Ok(done);
        }
        let made = match wish.action {
            ModelAction::Promote => self.promote_as_wished(wish, change).await,
            ModelAction::Rollback => self.roll_back_as_wished(wish, change).await,
            ModelAction::Withdraw => self.withdraw_as_wished(wish, change).await,
            ModelAction::Reinstate => self.reinstate_as_wished(wish, change).await,
        };
        match made {
            Err(error) if wish.action.moves_champion() && moved_nothing(&error) => {
                self.after_no_move(wish, change, error).await
            }
            made => made,
        }
    }

    /// A move that did not come about leaves nothing of itself: the withdrawal and the override that were noted before it, by
    /// this attempt or one before, are taken back.
    pub(super) async fn after_no_move(
        &self,
        wish: &ModelAdminInput,
        change: &ChangeByHand,
        error: Error,
    ) -> Result<Administered> {
        // The answer to the move was lost, and the client's second call found the pointer moved: by itself.
        if let Some(done) = self.done_by_this_run(wish, change).await? {
            return Ok(done);
        }
        match wish.action {
            ModelAction::Rollback => self.lift_withdrawals_of(wish, change).await?,
            _ => self.forget_override(&wish.version, change).await?,
        }
        Err(error)
    }

    /// Gives free again what a rollback withdrew that did not move the champion. What it left was champion then.
    async fn lift_withdrawals_of(&self, wish: &ModelAdminInput, change: &ChangeByHand) -> Result<()> {
        let reason = format!("the rollback to {} did not move the champion: somebody else had moved it", wish.version);
        let lifted = ChangeByHand { reason, ..change.clone() };
        let left: BTreeSet<_> = self.moves().await?.into_iter().map(|moved| moved.version).collect();
        for version in left {
            let withdrawal = self.find(&version).await?.and_then(|entry| entry.withdrawal().cloned());
            if withdrawal.is_some_and(|withdrawal| withdrawal.is_same_as(change)) {
                self.reinstate(&version, &lifted).await?;
            }
        }
        Ok(())
    }

    /// The state of now.
    pub async fn admin_state(&self) -> Result<AdminState> {
        let pointer = self.champion().await?.map(|(pointer, _)| pointer);
        let last_move = pointer.as_ref().map_or(0, |pointer| pointer.number);
        let (champion, previous) = pointer.map_or((None, None), |pointer| (Some(pointer.version), pointer.previous));
        Ok(AdminState { champion, previous, last_move })
    }

    /// How often a version was withdrawn or given free.
    pub async fn changes_of(&self, version: &str) -> Result<usize> {
        let entry = self.find(version).await?;
        let withdrawals = entry.map(|entry| entry.withdrawals).unwrap_or_default();
        Ok(withdrawals.iter().map(|withdrawal| 1 + usize::from(withdrawal.lifted.is_some())).sum())
    }

    async fn promote_as_wished(&self, wish: &ModelAdminInput, change: &ChangeByHand) -> Result<Administered> {
        let version = wish.version.as_str();
        let refuse = |reason: String| Error::NotPromotable { version: version.to_owned(), reason };
        let seen = self.expected_champion(wish.expected_champion.as_deref()).await?;
        if seen.as_ref().is_some_and(|(pointer, _)| pointer.version == version) {
            return Err(refuse("it is champion already".to_owned()));
        }
        let registered = self.free_to_score(version).await?;
        if registered.verdict.checks.is_empty() {
            return Err(refuse("no run has ever judged it; let one train and judge it first".to_owned()));
        }
        self.require_whole(version).await?;
        // An attempt before this one may have noted the override and died before the move.
        let is_noted = change.run_id.as_ref().is_some_and(|run| registered.overrides.iter().any(|by| by.is_of(run)));
        let is_rejected =
            is_noted || (registered.status == VersionStatus::Rejected && !self.was_champion(version).await?);
        let overrode = is_rejected.then(|| registered.verdict.failed_checks());
        let entry = match &overrode {
            Some(checks) if !wish.overrides_verdict => {
                return Err(refuse(format!(
                    "the gate rejected it ({checks}); --override promotes it all the same, with the reason on record"
                )));
            }
            // The entry before the pointer: nobody must find a champion that its entry rejects.
            Some(_) => self.override_verdict(version, change).await?,
            None => registered,
        };
        let pointer = self.promote_by_hand(version, seen, change, overrode).await?;
        Ok(of_move(wish.action, &pointer, change, entry.status))
    }

    async fn roll_back_as_wished(&self, wish: &ModelAdminInput, change: &ChangeByHand) -> Result<Administered> {
        let version = wish.version.as_str();
        if self.find(version).await?.is_some() {
            self.require_whole(version).await?;
        }
        let pointer = self.roll_back(version, wish.expected_champion.as_deref(), change).await?;
        let status = self.find(version).await?.map_or(VersionStatus::Approved, |entry| entry.status);
        Ok(of_move(wish.action, &pointer, change, status))
    }

    async fn withdraw_as_wished(&self, wish: &ModelAdminInput, change: &ChangeByHand) -> Result<Administered> {
        let version = wish.version.as_str();
        let refuse = |reason: String| Error::NotChangeable { action: "withdraw", version: version.to_owned(), reason };
        let champion = self.expected_champion(wish.expected_champion.as_deref()).await?.map(|(pointer, _)| pointer);
        if champion.as_ref().is_some_and(|pointer| pointer.version == version) {
            let how = "it is champion; `spanishgas models rollback` goes to another version and withdraws this one";
            return Err(refuse(how.to_owned()));
        }
        let unknown = || refuse("it is not registered; `spanishgas models list` shows all".to_owned());
        let registered = self.find(version).await?.ok_or_else(unknown)?;
        if let Some(withdrawal) = registered.withdrawal() {
            return Err(refuse(format!(
                "{} withdrew it already on {} ({})",
                withdrawal.by, withdrawal.at, withdrawal.reason
            )));
        }
        let entry = self.withdraw(version, change).await?;
        // A run may have promoted it while it was withdrawn.
        let now = self.champion().await?.map(|(pointer, _)| pointer);
        if now.is_some_and(|pointer| pointer.version == version) {
            let how = "it became champion in this moment, and is withdrawn; `spanishgas models rollback` to another";
            return Err(refuse(how.to_owned()));
        }
        Ok(of_entry(wish.action, &entry, change, champion))
    }

    async fn reinstate_as_wished(&self, wish: &ModelAdminInput, change: &ChangeByHand) -> Result<Administered> {
        let champion = self.expected_champion(wish.expected_champion.as_deref()).await?.map(|(pointer, _)| pointer);
        let entry = self.reinstate(&wish.version, change).await?;
        Ok(of_entry(wish.action, &entry, change, champion))
    }

    /// What this very run, or this very change without one, did before its answer was lost.
    async fn done_by_this_run(&self, wish: &ModelAdminInput, change: &ChangeByHand) -> Result<Option<Administered>> {
        if wish.action.moves_champion() {
            let by_this_run = |moved: &ChampionPointer| moved.by_hand.as_ref().is_some_and(|by| by.is_same_as(change));
            let Some(moved) = self.moves().await?.into_iter().rfind(by_this_run) else { return Ok(None) };
            self.record_last_move().await?;
            let status = self.find(&wish.version).await?.map_or(VersionStatus::Approved, |entry| entry.status);
            let change = moved.by_hand.clone().unwrap_or_else(|| change.clone());
            return Ok(Some(of_move(wish.action, &moved, &change, status)));
        }
        let Some(entry) = self.find(&wish.version).await? else { return Ok(None) };
        let done = entry.withdrawals.iter().find_map(|withdrawal| match wish.action {
            ModelAction::Reinstate => withdrawal.lifted.clone().filter(|lifted| lifted.is_same_as(change)),
            _ => Some(withdrawal.change.clone()).filter(|made| made.is_same_as(change)),
        });
        let champion = self.champion().await?.map(|(pointer, _)| pointer);
        Ok(done.map(|change| of_entry(wish.action, &entry, &change, champion)))
    }
}

/// Whether a move that failed so has certainly not come about by this attempt, and comes about by no further one.
fn moved_nothing(error: &Error) -> bool {
    error.kind() == Kind::Permanent || matches!(error, Error::Lake(LakeError::Conflict { .. }))
}

fn of_move(
    action: ModelAction,
    pointer: &ChampionPointer,
    change: &ChangeByHand,
    status: VersionStatus,
) -> Administered {
    Administered {
        action,
        version: pointer.version.clone(),
        by: change.by.clone(),
        reason: change.reason.clone(),
        at: change.at.clone(),
        champion_before: pointer.previous.clone(),
        champion: Some(pointer.version.clone()),
        number: Some(pointer.number),
        status: format!("{status:?}"),
        overrode: pointer.overrode.clone(),
    }
}

fn of_entry(
    action: ModelAction,
    entry: &Registration,
    change: &ChangeByHand,
    champion: Option<ChampionPointer>,
) -> Administered {
    let champion = champion.map(|pointer| pointer.version);
    Administered {
        action,
        version: entry.version.clone(),
        by: change.by.clone(),
        reason: change.reason.clone(),
        at: change.at.clone(),
        champion_before: champion.clone(),
        champion,
        number: None,
        status: format!("{:?}", entry.status),
        overrode: None,
    }
}
