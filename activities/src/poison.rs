//! An input that ends the program is not tried on every worker there is. An attempt that reads what others
//! wrote, or hands it to a C library, leaves a mark in the lake while it is at work. An orderly end
//! (a result, an error, a cancellation, the worker's shutdown) takes it away; a dead process cannot.

use std::time::Duration;

use lake::{Lake, keys};
use protocol::Run;
use protocol::RunId;
use serde::Serialize;
use temporalio_sdk::activities::ActivityContext;

use crate::error::{Error, Result};

/// So many workers may die over one input.
const DEATHS: usize = 2;
/// An attempt that was given up by the server while its worker lives ends by itself within this time.
const LAST_LOOK: Duration = Duration::from_secs(5);
/// How long the lake may take to forget a mark.
const PATIENCE: Duration = Duration::from_secs(10);

/// An attempt, as its mark in the lake tells it.
#[derive(Debug, Clone, Serialize)]
pub struct Attempt {
    #[serde(skip)]
    run_id: RunId,
    #[serde(skip)]
    activity_id: String,
    activity: String,
    #[serde(rename = "attempt")]
    number: u32,
    reads: String,
}

impl Attempt {
    /// The attempt of an activity that `reads` something foreign, in words.
    pub fn of(ctx: &ActivityContext, run: &Run, reads: String) -> Self {
        let info = ctx.info();
        let child = info.workflow_run_id.as_ref().filter(|workflow| run.run_id != workflow.as_str());
        Self {
            run_id: run.run_id.clone(),
            // Child workflows number their activities too.
            activity_id: child
                .map_or_else(|| info.activity_id.clone(), |child| format!("{child}-{}", info.activity_id)),
            activity: info.activity_type.clone(),
            number: info.attempt,
            reads,
        }
    }

    /// The attempt at what many runs read again, one after the other, as looks do: `name` stands for it in the place of a run.
    /// Every mark that was left counts, whichever run left it.
    pub async fn of_all_runs(lake: &Lake, name: &str, reads: String) -> Result<Self> {
        let [activity, activity_id] = ["read", "again"].map(str::to_owned);
        let mut attempt = Self { run_id: name.into(), activity_id, activity, number: 1, reads };
        let marks: Vec<_> =
            lake.list(&keys::attempts(&attempt.run_id)).await?.into_iter().map(|mark| mark.key).collect();
        while marks.contains(&attempt.key(attempt.number)) {
            attempt.number += 1;
        }
        Ok(attempt)
    }

    /// Runs the attempt's step, unless its input has ended two workers before.
    pub async fn guard<T>(&self, lake: &Lake, step: impl Future<Output = Result<T>>) -> Result<T> {
        self.require_survivable(lake).await?;
        let key = self.key(self.number);
        lake.put_json(&key, self).await?;
        let outcome = step.await;
        match tokio::time::timeout(PATIENCE, lake.remove(&key)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(key, %error, "the mark of an attempt is left"),
            Err(_) => tracing::warn!(key, error = "no answer", "the mark of an attempt is left"),
        }
        outcome
    }

    async fn require_survivable(&self, lake: &Lake) -> Result<()> {
        // Two attempts that are no more are needed for a verdict.
        if self.number as usize <= DEATHS || self.deaths(lake).await? < DEATHS {
            return Ok(());
        }
        tokio::time::sleep(LAST_LOOK).await;
        let deaths = self.deaths(lake).await?;
        if deaths < DEATHS {
            return Ok(());
        }
        Err(Error::PoisonedInput { reads: self.reads.clone(), deaths })
    }

    /// How many earlier attempts left their mark.
    async fn deaths(&self, lake: &Lake) -> Result<usize> {
        let marks = lake.list(&keys::attempts(&self.run_id)).await?;
        let earlier: Vec<_> = (1..self.number).map(|attempt| self.key(attempt)).collect();
        Ok(marks.iter().filter(|mark| earlier.contains(&mark.key)).count())
    }

    fn key(&self, attempt: u32) -> String {
        keys::attempt(&self.run_id, &self.activity, &self.activity_id, attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lake::FolderLake;

    fn attempt(number: u32) -> Attempt {
        let [run_id, activity_id, activity] = ["run", "7", "aggregate_slice"].map(str::to_owned);
        Attempt {
            run_id: run_id.into(),
            activity_id,
            activity,
            number,
            reads: "row groups 0 to 3 of raw/x.parquet".to_owned(),
        }
    }

    fn lake() -> (tempfile::TempDir, Lake) {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        (root, lake)
    }

    async fn marks(lake: &Lake) -> Vec<String> {
        lake.list("runs/run/attempts/").await.unwrap().into_iter().map(|mark| mark.key).collect()
    }

    /// The worker dies: nothing of the attempt goes on.
    async fn die(lake: &Lake, number: u32) {
        let attempt = attempt(number);
        let work = attempt.guard(lake, std::future::pending::<Result<()>>());
        tokio::select! {
            _ = work => {}
            () = async { while !marks(lake).await.contains(&attempt.key(number)) { tokio::task::yield_now().await } } => {}
        }
    }

    #[tokio::test]
    async fn an_orderly_end_leaves_no_mark() {
        let (_root, lake) = lake();
        let key = attempt(1).key(1);
        let seen = attempt(1).guard(&lake, async { Ok(lake.get(&key).await?.is_some()) }).await.unwrap();
        assert!(seen, "there is no mark while the step is at work");
        attempt(2).guard(&lake, async { Err::<(), _>(churn::Error::Cancelled.into()) }).await.unwrap_err();
        attempt(3).guard(&lake, async { Err::<(), _>(churn::Error::settings("x", "y").into()) }).await.unwrap_err();
        assert_eq!(marks(&lake).await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn what_looks_read_again_and_again_is_refused_when_it_has_ended_two_workers() {
        let (_root, lake) = lake();
        let look = async || Attempt::of_all_runs(&lake, "watch-1", "delivery raw/".to_owned()).await.unwrap();
        let mut marks = Vec::new();
        for number in 1..=2 {
            look().await.guard(&lake, async { Ok(()) }).await.unwrap();
            let dead = look().await;
            assert_eq!(dead.number, number, "an orderly end leaves nothing that counts");
            lake.put_json(&dead.key(number), &dead).await.unwrap();
            marks.push(dead.key(number));
        }
        let refused = look().await.guard(&lake, async { Ok(()) }).await.unwrap_err();
        assert_eq!(refused.type_name(), "SG0036 PoisonedInput");
        assert!(refused.to_string().contains("delivery raw/"), "{refused}");
        // The mark of a look that was slow, and ended well in the end.
        lake.remove(&marks[0]).await.unwrap();
        assert_eq!(look().await.number, 1);
    }

    #[tokio::test]
    async fn a_third_worker_does_not_touch_what_has_ended_two() {
        let (_root, lake) = lake();
        die(&lake, 1).await;
        attempt(2).guard(&lake, async { Err::<(), _>(churn::Error::Cancelled.into()) }).await.unwrap_err();
        attempt(3).guard(&lake, async { Ok(()) }).await.unwrap();
        die(&lake, 4).await;
        let refused = attempt(5).guard(&lake, async { Ok(()) }).await.unwrap_err();
        assert_eq!(refused.type_name(), "SG0036 PoisonedInput");
        assert!(refused.to_string().contains("row groups 0 to 3 of raw/x.parquet"), "{refused}");
        let other = Attempt { activity_id: "8".to_owned(), ..attempt(5) };
        other.guard(&lake, async { Ok(()) }).await.unwrap();
    }
}
