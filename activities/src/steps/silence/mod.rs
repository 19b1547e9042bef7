//! Watchers that are silent: each is looked at by the other, since whoever fails at every look cannot tell of it.

mod judge;

use chrono::{DateTime, TimeDelta, Utc};
use judge::{of_freshness, of_watch};
use lake::documents::{Acknowledgements, RawWatch, ToldSilences};
use lake::{Lake, LakeError, keys};
use protocol::freshness::FreshnessReport;
use protocol::silence::{NoteSilence, Silence};

use crate::error::Result;
use crate::steps::Environment;

/// What the raw watchers have not done for too long, of which people have not heard: the first thing, since the next look
/// tells the next one. A watcher that never looked is not waited for.
pub async fn of_raw_watchers(lake: &Lake, patience: TimeDelta, now: DateTime<Utc>) -> Result<Option<Silence>> {
    let mut silences = Vec::new();
    for object in lake.list(keys::DELIVERIES).await? {
        match lake.get_json::<RawWatch>(&object.key).await {
            Ok(watch) => silences.extend(watch.iter().flat_map(|(watch, _)| of_watch(watch, patience, now))),
            // Its watcher fails of that at every look.
            Err(LakeError::Unreadable { key, .. }) => {
                let raw_prefix = "a folder of raw files".to_owned();
                silences.push(Silence::RawWatcher { raw_prefix, since: unreadable(&key) });
            }
            Err(error) => return Err(error.into()),
        }
    }
    unheard(lake, silences, now).await
}

/// That nobody has looked for too long whether the scores are fresh, where people have not heard of it.
pub async fn of_freshness_looks(lake: &Lake, patience: TimeDelta, now: DateTime<Utc>) -> Result<Option<Silence>> {
    let silence = match lake.get_json::<FreshnessReport>(keys::FRESHNESS).await {
        Ok(report) => report.and_then(|(report, _)| of_freshness(&report, patience, now)),
        Err(LakeError::Unreadable { key, .. }) => Some(Silence::Freshness { since: unreadable(&key) }),
        Err(error) => return Err(error.into()),
    };
    unheard(lake, silence.into_iter().collect(), now).await
}

/// Remembers that people have heard of one.
#[expect(clippy::disallowed_methods, reason = "when people heard of something is a fact, not a computation")]
pub async fn note_silence(environment: &Environment, request: NoteSilence) -> Result<bool> {
    note(&environment.lake, &request.silence, Utc::now()).await?;
    Ok(true)
}

async fn note(lake: &Lake, silence: &Silence, now: DateTime<Utc>) -> Result<()> {
    let (mut told, seen) = ToldSilences::find(lake).await?;
    told.note(silence, now);
    Ok(told.store(lake, seen.as_ref()).await?)
}

/// In the place of a time.
fn unreadable(key: &str) -> String {
    format!("an unknown time ({key} cannot be read)")
}

async fn unheard(lake: &Lake, silences: Vec<Silence>, now: DateTime<Utc>) -> Result<Option<Silence>> {
    if silences.is_empty() {
        return Ok(None);
    }
    let (told, _) = ToldSilences::find(lake).await?;
    let known = acknowledged(lake).await;
    Ok(silences.into_iter().find(|silence| !told.is_told(silence, &known, now)))
}

/// What people have acknowledged. Where it cannot be read every alert is told, with a line in the log
/// (`alerts/known.rs`): then no snooze has kept anything quiet.
pub async fn acknowledged(lake: &Lake) -> Acknowledgements {
    Acknowledgements::find(lake).await.map(|(known, _)| known).unwrap_or_default()
}

/// A number of seconds from an input.
pub fn patience(secs: u64) -> TimeDelta {
    TimeDelta::seconds(i64::from(u32::try_from(secs).unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use lake::FolderLake;

    use super::*;

    #[tokio::test]
    async fn what_a_watcher_cannot_read_is_told_by_the_other_one() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let (watch, _) = RawWatch::find(&lake, "raw").await.unwrap();
        watch.store(&lake, None).await.unwrap();
        let key = lake.list(keys::DELIVERIES).await.unwrap().remove(0).key;
        for key in [key.as_str(), keys::FRESHNESS] {
            lake.put(key, b"no JSON".to_vec()).await.unwrap();
        }
        let now = DateTime::UNIX_EPOCH;
        for silence in [
            of_raw_watchers(&lake, TimeDelta::hours(1), now).await.unwrap(),
            of_freshness_looks(&lake, TimeDelta::hours(1), now).await.unwrap(),
        ] {
            assert!(silence.is_some_and(|silence| silence.since().contains("cannot be read")));
        }
    }

    #[tokio::test]
    async fn a_watcher_that_fails_at_every_look_is_told_of_once_until_it_looks_again() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let at = |minutes: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let look = async |minutes| of_raw_watchers(&lake, TimeDelta::hours(1), at(minutes)).await.unwrap();
        assert_eq!(look(9999).await, None, "nobody ever watched");
        let looks = async |minutes: i64| {
            let (watch, seen) = RawWatch::find(&lake, "raw").await.unwrap();
            let watch = RawWatch { looked_at: Some(at(minutes).to_rfc3339()), ..watch };
            watch.store(&lake, seen.as_ref()).await.unwrap();
        };
        looks(0).await;
        assert_eq!(look(60).await, None);
        let silence = look(61).await.unwrap();
        assert!(silence.subject().contains("does not look at raw/"), "{silence:?}");
        assert_eq!(look(66).await.as_ref(), Some(&silence), "nobody has heard yet");
        note(&lake, &silence, at(66)).await.unwrap();
        assert_eq!(look(999).await, None);
        looks(1000).await;
        assert_eq!(look(1010).await, None);
        assert!(look(1100).await.is_some_and(|again| again != silence));
    }
}
