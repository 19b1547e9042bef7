//! The champion's pointer and its moves: promotions by runs, promotions and rollbacks by people, each one on record.

use churn::SnapshotDate;
use lake::documents::{ChampionPointer, ChangeByHand, MoveCause, Registration, RunRecord, VersionStatus};
use lake::{Version, keys, to_json};
use protocol::model_admin::NO_CHAMPION;
use protocol::{ModelVersion, Run};

use super::{Registry, not_registered};
use crate::error::{Error, Result};

impl Registry {
    /// The champion, and the pointer's version for a later move.
    pub async fn champion(&self) -> Result<Option<(ChampionPointer, Version)>> {
        Ok(self.lake.get_json(keys::CHAMPION).await?)
    }

    /// The champion and the date that it was trained for; none where nothing tells that.
    pub async fn champion_with_date(&self) -> Result<Option<(ModelVersion, SnapshotDate)>> {
        let Some((pointer, _)) = self.champion().await? else { return Ok(None) };
        let Some(entry) = self.find(&pointer.version).await? else { return Ok(None) };
        let as_of = match entry.as_of() {
            Some(as_of) => Some(as_of),
            // It was judged before that was noted. A record that cannot be read tells nothing either.
            None => RunRecord::find(&self.lake, &entry.run_id).await.ok().flatten().and_then(|run| run.summary().as_of),
        };
        Ok(as_of.map(|as_of| (pointer.version, as_of)))
    }

    /// Every move of the champion, the first one first.
    pub async fn moves(&self) -> Result<Vec<ChampionPointer>> {
        let mut moves: Vec<ChampionPointer> = Vec::new();
        for object in self.lake.list(keys::CHAMPION_MOVES).await? {
            moves.push(self.lake.read_json(&object.key).await?);
        }
        // The last move's record is written after the pointer; who died in between left it to the pointer.
        if let Some((pointer, _)) = self.champion().await?
            && moves.last() != Some(&pointer)
        {
            moves.push(pointer);
        }
        Ok(moves)
    }

    /// Whether a version is or was champion.
    pub async fn was_champion(&self, version: &str) -> Result<bool> {
        let before = |moved: &ChampionPointer| moved.version == version || moved.previous.as_deref() == Some(version);
        Ok(self.moves().await?.iter().any(before))
    }

    /// Moves the pointer to a challenger that passed, unless somebody moved it since `seen`.
    pub async fn promote(
        &self,
        run: &Run,
        version: &str,
        seen: Option<(ChampionPointer, Version)>,
        at: &str,
    ) -> Result<ChampionPointer> {
        let pointer = ChampionPointer {
            version: version.into(),
            promoted_by: run.workflow_id.to_string(),
            promoted_at: at.to_owned(),
            previous: seen.as_ref().map(|(pointer, _)| pointer.version.clone()),
            by_hand: None,
            number: seen.as_ref().map_or(0, |(pointer, _)| pointer.number) + 1,
            cause: MoveCause::Promotion,
            run_id: Some(run.run_id.clone()),
            overrode: None,
        };
        self.move_to(pointer, seen).await
    }

    /// Makes a version champion that a person has chosen, unless somebody moved the pointer since `seen`. Nothing is
    /// withdrawn. `overrode` are the failed checks that they promote it against.
    pub async fn promote_by_hand(
        &self,
        version: &str,
        seen: Option<(ChampionPointer, Version)>,
        change: &ChangeByHand,
        overrode: Option<String>,
    ) -> Result<ChampionPointer> {
        let pointer = ChampionPointer { overrode, ..by_hand(MoveCause::Promotion, version, seen.as_ref(), change) };
        self.move_to(pointer, seen).await
    }

    /// Makes an earlier version champion again and withdraws the one it leaves, so that no run brings it back
    /// by itself. Who, why and when stand in both entries and in the move's record. Refused where another version than
    /// `expected` is champion. Where somebody else moves the champion in between, the withdrawal stands:
    /// [`Self::administer`] takes it back.
    pub async fn roll_back(
        &self,
        version: &str,
        expected: Option<&str>,
        change: &ChangeByHand,
    ) -> Result<ChampionPointer> {
        let refuse = |reason: &str| Error::NotPromotable { version: version.to_owned(), reason: reason.to_owned() };
        let seen = self.expected_champion(expected).await?;
        let seen = seen.ok_or_else(|| refuse("there is no champion to roll back from"))?;
        let left = seen.0.version.clone();
        if left == version {
            return Err(refuse("it is champion already"));
        }
        let registered = self.free_to_score(version).await?;
        if registered.status != VersionStatus::Approved && !self.was_champion(version).await? {
            return Err(refuse("it was rejected; only approved versions may score"));
        }
        // First: a crash between the two must not leave a version that the next run promotes again.
        self.withdraw(&left, change).await?;
        self.move_to(by_hand(MoveCause::Rollback, version, Some(&seen), change), Some(seen)).await
    }

    /// The champion, refused where it is not the one that somebody had in mind.
    pub(super) async fn expected_champion(&self, expected: Option<&str>) -> Result<Option<(ChampionPointer, Version)>> {
        let seen = self.champion().await?;
        let found = seen.as_ref().map_or(NO_CHAMPION, |(pointer, _)| pointer.version.as_str());
        match expected {
            Some(expected) if expected != found => {
                Err(Error::OtherChampion { expected: expected.to_owned(), found: found.to_owned() })
            }
            _ => Ok(seen),
        }
    }

    /// The entry of a version that nobody has withdrawn.
    pub(super) async fn free_to_score(&self, version: &str) -> Result<Registration> {
        let registered = self.find(version).await?.ok_or_else(|| not_registered(version))?;
        if let Some(withdrawal) = registered.withdrawal() {
            let reason = format!(
                "{} withdrew it on {} ({}); `spanishgas models reinstate {version}` gives it free again",
                withdrawal.by, withdrawal.at, withdrawal.reason
            );
            return Err(Error::NotPromotable { version: version.to_owned(), reason });
        }
        Ok(registered)
    }

    /// Makes good the record of the last move, which is written after the pointer.
    pub async fn record_last_move(&self) -> Result<()> {
        if let Some((pointer, _)) = self.champion().await? {
            self.lake.put_if_absent(&keys::champion_move(pointer.number), to_json(&pointer)).await?;
        }
        Ok(())
    }

    /// Moves the pointer by compare-and-swap, between the record of the last move and its own.
    async fn move_to(
        &self,
        pointer: ChampionPointer,
        seen: Option<(ChampionPointer, Version)>,
    ) -> Result<ChampionPointer> {
        if let Some((last, _)) = &seen {
            self.lake.put_if_absent(&keys::champion_move(last.number), to_json(last)).await?;
        }
        let seen = seen.map(|(_, seen)| seen);
        self.lake.compare_and_swap(keys::CHAMPION, seen.as_ref(), to_json(&pointer)).await?;
        self.lake.put_if_absent(&keys::champion_move(pointer.number), to_json(&pointer)).await?;
        Ok(pointer)
    }
}

/// The pointer after a person's move.
fn by_hand(
    cause: MoveCause,
    version: &str,
    seen: Option<&(ChampionPointer, Version)>,
    change: &ChangeByHand,
) -> ChampionPointer {
    ChampionPointer {
        version: version.into(),
        promoted_by: change.by.clone(),
        promoted_at: change.at.clone(),
        previous: seen.map(|(pointer, _)| pointer.version.clone()),
        by_hand: Some(change.clone()),
        number: seen.map_or(0, |(pointer, _)| pointer.number) + 1,
        cause,
        run_id: None,
        overrode: None,
    }
}
