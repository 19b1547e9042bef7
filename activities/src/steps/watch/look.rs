//! A look at the raw files: which deliveries are new, and what the others wait for. One that cannot be read keeps no other
//! from its run.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use churn::Kind;
use lake::documents::{Acknowledgements, RawWatch, Refusal, SeenDelivery};
use lake::{Lake, LakeError, Version};
use protocol::pipeline::PipelineInput;
use protocol::raw_watcher::{Delivery, DeliveryState, RawWatched, Ready, WatchRaw, WatcherInput, subjects_of_delivery};
use protocol::{AlertKind, Digest};

use super::judge::{ListedDelivery, Patience, Waits, age, judge, text};
use super::listing::list_deliveries;
use crate::error::{Error, Result};
use crate::heartbeat::{Heartbeat, compute};
use crate::metrics;
use crate::poison::Attempt;
use crate::steps::Environment;
use crate::steps::run::{Data, RunTarget, workflow_id};
use crate::steps::silence::{self, patience};
use crate::steps::tables::raw::{Look, identify_raw};

/// A look tells no more than this; the next one goes on.
const MOST_TOLD: usize = 50;
/// Files that were refused are read again after this time: another version of the program may be able to.
const READ_AGAIN: TimeDelta = TimeDelta::days(1);

/// Lists what is there, and reads what is complete, at rest, and was not read before.
#[expect(clippy::disallowed_methods, reason = "how long something has been so is a question of now")]
pub async fn watch_raw(environment: &Environment, heartbeat: &Heartbeat, request: WatchRaw) -> Result<RawWatched> {
    let watched = look(environment, heartbeat, &request.input, Utc::now()).await?;
    environment.metrics.show(&metrics::of_deliveries(&watched));
    Ok(watched)
}

async fn look(
    environment: &Environment,
    heartbeat: &Heartbeat,
    input: &WatcherInput,
    now: DateTime<Utc>,
) -> Result<RawWatched> {
    let lake = &environment.lake;
    let listed = list_deliveries(lake, &input.raw_prefix).await?;
    let (before, version) = RawWatch::find(lake, &input.raw_prefix).await?;
    let seen_last = seen_before(lake, &before, now).await;
    let mut after = RawWatch { deliveries: BTreeMap::new(), looked_at: Some(text(now)), ..before.clone() };
    let reading = Reading { environment, heartbeat, input, before: &before, patience: patience_of(input), now };
    let mut watched = RawWatched::default();
    for listed in listed {
        let last = seen_last.get(&listed.prefix);
        let (mut seen, waits) = judge(&listed, last, now, reading.patience);
        let since = match &waits {
            Waits::Incomplete { since, .. } => since.clone(),
            Waits::Settling | Waits::Settled => seen.unchanged_since.clone(),
        };
        let state = match waits {
            Waits::Incomplete { tell, .. } => Some(DeliveryState::Incomplete { missing: listed.missing.clone(), tell }),
            Waits::Settling => Some(DeliveryState::Settling),
            Waits::Settled => reading.read(&listed, last, &mut seen).await?,
        };
        after.deliveries.insert(listed.prefix.clone(), seen);
        match state {
            None => watched.known += 1,
            Some(state) => watched.deliveries.push(Delivery { prefix: listed.prefix, since, state }),
        }
    }
    watched.deliveries = first_to_serve(watched.deliveries);
    remember(lake, &before, version.as_ref(), &after).await?;
    watched.silence = silence::of_freshness_looks(lake, patience(input.silent_secs), now).await?;
    Ok(watched)
}

/// Stores what was seen. Another look that has only been faster, and saw nothing new, makes nobody read everything again.
async fn remember(lake: &Lake, before: &RawWatch, seen: Option<&Version>, after: &RawWatch) -> Result<()> {
    let Err(refused) = after.store(lake, seen).await else { return Ok(()) };
    if !matches!(refused, LakeError::Conflict { .. }) {
        return Err(refused.into());
    }
    let (now, seen) = RawWatch::find(lake, &after.raw_prefix).await?;
    let is_as_before = RawWatch { looked_at: before.looked_at.clone(), ..now } == *before;
    if !is_as_before {
        return Err(refused.into());
    }
    Ok(after.store(lake, seen.as_ref()).await?)
}

/// The deliveries as they were seen. Of a trouble whose snooze has ended people have not heard.
async fn seen_before(lake: &Lake, before: &RawWatch, now: DateTime<Utc>) -> BTreeMap<String, SeenDelivery> {
    let mut deliveries = before.deliveries.clone();
    if deliveries.values().any(|seen| seen.told) {
        let known = silence::acknowledged(lake).await;
        for (prefix, seen) in &mut deliveries {
            seen.told = seen.told && !must_ring_again(prefix, seen, &known, now);
        }
    }
    deliveries
}

fn must_ring_again(prefix: &str, seen: &SeenDelivery, known: &Acknowledgements, now: DateTime<Utc>) -> bool {
    let told_at = seen.told_at.as_ref().and_then(|at| at.parse::<DateTime<Utc>>().ok());
    let has_ended = |subject: &String, told| known.ended_after(AlertKind::DeliveryTrouble, subject, told, now);
    told_at.is_some_and(|told| subjects_of_delivery(prefix).iter().any(|subject| has_ended(subject, told)))
}

/// So many as a history bears. One that is ready is never kept back by those that wait.
fn first_to_serve(mut deliveries: Vec<Delivery>) -> Vec<Delivery> {
    deliveries.sort_by_key(|delivery| !matches!(delivery.state, DeliveryState::Ready(_)));
    deliveries.truncate(MOST_TOLD);
    deliveries
}

fn patience_of(input: &WatcherInput) -> Patience {
    let WatcherInput { settle_secs, overdue_secs, silent_secs, .. } = *input;
    Patience { settle: patience(settle_secs), overdue: patience(overdue_secs), silent: patience(silent_secs) }
}

/// What deliveries are read with.
struct Reading<'a> {
    environment: &'a Environment,
    heartbeat: &'a Heartbeat,
    input: &'a WatcherInput,
    before: &'a RawWatch,
    patience: Patience,
    now: DateTime<Utc>,
}

impl Reading<'_> {
    /// The content of a delivery that is at rest; nothing where it has a run.
    async fn read(
        &self,
        listed: &ListedDelivery,
        last: Option<&SeenDelivery>,
        seen: &mut SeenDelivery,
    ) -> Result<Option<DeliveryState>> {
        if self.has_run(seen) {
            return Ok(None);
        }
        if let Some(problem) = known_problem(seen, self.now) {
            return Ok(Some(DeliveryState::Unusable { problem, tell: !seen.told }));
        }
        let usual = PipelineInput::new(self.input.mode);
        let raw_prefix = Some(listed.prefix.clone()).filter(|prefix| prefix != usual.raw_prefix());
        let asked = PipelineInput { raw_prefix, ..usual };
        let scratch = self.environment.scratch()?;
        let (content, data) = match self.identify_once_more(listed, asked.clone(), scratch.path()).await {
            Ok((content, data)) => (Some(content), data),
            Err(error) => (None, Err(error)),
        };
        match data {
            Ok(data) => self.ready(asked, data, seen).await,
            Err(error) if is_about_the_look(&error) => Err(error),
            Err(error) => Ok(Some(trouble(&error, content, last, seen, self.patience, self.now))),
        }
    }

    fn has_run(&self, seen: &SeenDelivery) -> bool {
        seen.content.as_ref().is_some_and(|content| self.before.run_of(content).is_some())
    }

    /// What its run is started with; nothing where it has one.
    async fn ready(&self, asked: PipelineInput, data: Data, seen: &mut SeenDelivery) -> Result<Option<DeliveryState>> {
        seen.content = Some(data.dataset.clone());
        (seen.refused, seen.unreadable_since) = (None, None);
        if self.has_run(seen) {
            seen.ready_since = None;
            return Ok(None);
        }
        seen.ready_since.get_or_insert_with(|| text(self.now));
        let Environment { lake, configuration, .. } = self.environment;
        let place = RunTarget::of(lake.identity().await?, configuration);
        let workflow_id = workflow_id(&asked, &place, &data).into();
        let input = place.require(data.require(asked));
        Ok(Some(DeliveryState::Ready(Box::new(Ready { workflow_id, content: data.dataset, input }))))
    }

    /// The same as [`Self::identify`], unless these files have ended two workers, in this look or in others: they would end
    /// one at every look.
    async fn identify_once_more(
        &self,
        listed: &ListedDelivery,
        input: PipelineInput,
        scratch: &Path,
    ) -> Result<(Digest, Result<Data>)> {
        // A cancellation waits until the mark is taken away.
        let _held = self.heartbeat.delay_cancellation();
        let (lake, name) = (&self.environment.lake, format!("watch-{}", listed.listing.short()));
        let attempt = Attempt::of_all_runs(lake, &name, format!("the delivery in {}/", listed.prefix)).await?;
        attempt.guard(lake, Box::pin(self.identify(input, scratch))).await
    }

    /// The digest over all files, and what a run of them would be; an error where not so much as the digest is known.
    /// Gigabytes are read: on a thread that may block.
    async fn identify(&self, input: PipelineInput, scratch: &Path) -> Result<(Digest, Result<Data>)> {
        let (lake, registry) = (self.environment.lake.clone(), self.environment.registry.clone());
        let (scratch, runtime) = (scratch.to_owned(), tokio::runtime::Handle::current());
        let zone = self.environment.configuration.pipeline.time_zone;
        compute(self.heartbeat, "the look at a delivery", move |watch| {
            runtime.block_on(async {
                let files = identify_raw(&lake, &input, &scratch, watch).await?;
                let look = Look { zone, scratch: &scratch, watch };
                let data = Data::of(&files, &lake, &registry, &input, look).await;
                Ok((files.digest(), data))
            })
        })
        .await
    }
}

/// Why files that were read before cannot be used: they are not read at every look.
fn known_problem(seen: &SeenDelivery, now: DateTime<Utc>) -> Option<String> {
    let refused = seen.refused.as_ref().filter(|refused| age(&refused.at, now) < READ_AGAIN)?;
    Some(refused.problem.clone())
}

/// Nobody's files are to blame: the look was cancelled, or its worker ends.
fn is_about_the_look(error: &Error) -> bool {
    match error {
        Error::Churn(churn::Error::Cancelled) => true,
        Error::TaskLost { source, .. } => !source.is_panic(),
        _ => false,
    }
}

/// A delivery that cannot be read. What no time mends is remembered with its content, and told at once, once for these
/// files; anything else is tried again by every look, and told when it does not pass.
fn trouble(
    error: &Error,
    content: Option<Digest>,
    last: Option<&SeenDelivery>,
    seen: &mut SeenDelivery,
    patience: Patience,
    now: DateTime<Utc>,
) -> DeliveryState {
    let problem = format!("{}: {error}", error.type_name());
    if error.kind() == Kind::Retry {
        let since = seen.unreadable_since.get_or_insert_with(|| text(now)).clone();
        let tell = !seen.told && age(&since, now) >= patience.silent;
        return DeliveryState::Unusable { problem, tell };
    }
    let same_content = |refused: &Refusal| refused.content.is_some() && refused.content == content;
    if let Some(last) = last.filter(|last| last.refused.as_ref().is_some_and(same_content)) {
        seen.told = last.told;
    }
    seen.unreadable_since = None;
    seen.refused = Some(Refusal { content, problem: problem.clone(), at: text(now) });
    DeliveryState::Unusable { problem, tell: !seen.told }
}

#[cfg(test)]
mod tests {
    use lake::FolderLake;
    use lake::documents::Acknowledgement;

    use super::*;

    const PATIENCE: Patience =
        Patience { settle: TimeDelta::zero(), overdue: TimeDelta::hours(6), silent: TimeDelta::hours(1) };

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn seen(listing: &str) -> SeenDelivery {
        let listed =
            ListedDelivery { prefix: "raw".to_owned(), missing: Vec::new(), listing: Digest::of(listing.as_bytes()) };
        judge(&listed, None, at(0), PATIENCE).0
    }

    fn bad_data() -> Error {
        churn::Error::data("consumption_hourly", None, None, "no footer").into()
    }

    fn out_of_reach() -> Error {
        let source = std::io::Error::other("the network is down");
        LakeError::Io { doing: "read", key: "raw/x".to_owned(), lake: "lake".to_owned(), source }.into()
    }

    fn tells(state: &DeliveryState) -> bool {
        matches!(state, DeliveryState::Unusable { tell: true, .. })
    }

    #[test]
    fn files_that_cannot_be_used_are_read_once_a_day_and_told_once_for_their_content() {
        let content = Some(Digest::of(b"bad files"));
        let mut first = seen("a");
        assert!(tells(&trouble(&bad_data(), content.clone(), None, &mut first, PATIENCE, at(0))));
        assert!(known_problem(&first, at(5)).is_some_and(|problem| problem.contains("no footer")), "not read again");
        assert_eq!(known_problem(&first, at(24 * 60)), None, "a day later they are");
        first.told = true;
        // Uploaded once more, as they were; and then others that are no better.
        let mut again = seen("b");
        assert!(!tells(&trouble(&bad_data(), content, Some(&first), &mut again, PATIENCE, at(10))), "no news");
        let (mut other, others) = (seen("c"), Some(Digest::of(b"other bad files")));
        assert!(tells(&trouble(&bad_data(), others, Some(&again), &mut other, PATIENCE, at(15))));
    }

    #[test]
    fn what_may_pass_is_tried_by_every_look_and_told_when_it_does_not() {
        let mut seen = seen("a");
        for (minutes, is_told) in [(0, false), (55, false), (60, true), (65, true)] {
            let state = trouble(&out_of_reach(), None, None, &mut seen, PATIENCE, at(minutes));
            assert_eq!((tells(&state), known_problem(&seen, at(minutes))), (is_told, None), "{minutes}");
        }
        seen.told = true;
        assert!(!tells(&trouble(&out_of_reach(), None, None, &mut seen, PATIENCE, at(70))));
    }

    #[test]
    fn a_delivery_keeps_the_look_from_no_other_unless_the_look_itself_ends() {
        assert!(is_about_the_look(&churn::Error::Cancelled.into()));
        assert!(!is_about_the_look(&bad_data()) && !is_about_the_look(&out_of_reach()));
    }

    #[tokio::test]
    async fn a_snooze_that_has_ended_rings_again() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let told = SeenDelivery { told: true, told_at: Some(text(at(0))), ..seen("a") };
        let before = RawWatch { deliveries: BTreeMap::from([("raw".to_owned(), told)]), ..RawWatch::default() };
        let is_told = async |minutes| seen_before(&lake, &before, at(minutes)).await["raw"].told;
        assert!(is_told(999).await);
        let mut known = Acknowledgements::default();
        known.add(Acknowledgement {
            event_id: "r-1".to_owned(),
            kind: AlertKind::DeliveryTrouble,
            subject: DeliveryState::Incomplete { missing: Vec::new(), tell: true }.subject("raw").unwrap(),
            features: Vec::new(),
            details: Vec::new(),
            until: at(60),
            by: "ana".to_owned(),
            reason: String::new(),
            at: at(1),
            lifted: None,
        });
        known.store(&lake, None).await.unwrap();
        assert!(is_told(60).await && !is_told(61).await);
    }

    #[tokio::test]
    async fn a_look_that_was_faster_and_saw_nothing_new_makes_nobody_look_again() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let (before, _) = RawWatch::find(&lake, "raw").await.unwrap();
        let look = |minutes| RawWatch { looked_at: Some(text(at(minutes))), ..before.clone() };
        look(1).store(&lake, None).await.unwrap();
        remember(&lake, &before, None, &look(2)).await.unwrap();
        assert_eq!(RawWatch::find(&lake, "raw").await.unwrap().0, look(2));
        let news = RawWatch { deliveries: BTreeMap::from([("raw".to_owned(), seen("a"))]), ..look(3) };
        let (_, version) = RawWatch::find(&lake, "raw").await.unwrap();
        news.store(&lake, version.as_ref()).await.unwrap();
        let refused = remember(&lake, &before, None, &look(4)).await.unwrap_err();
        assert!(matches!(refused, Error::Lake(LakeError::Conflict { .. })), "{refused}");
    }

    #[test]
    fn a_ready_delivery_is_not_kept_back_by_many_that_wait() {
        let waiting = |number: usize| Delivery {
            prefix: format!("raw/{number:03}"),
            since: String::new(),
            state: DeliveryState::Settling,
        };
        let mut deliveries: Vec<_> = (0..MOST_TOLD + 9).map(waiting).collect();
        let input = PipelineInput::new(protocol::pipeline::Mode::Score);
        let ready = Ready { workflow_id: String::from("w").into(), content: protocol::Digest::of(b"content"), input };
        deliveries.push(Delivery { state: DeliveryState::Ready(Box::new(ready)), ..waiting(999) });
        let served = first_to_serve(deliveries);
        assert_eq!(
            (served.len(), served[0].prefix.as_str(), served[1].prefix.as_str()),
            (MOST_TOLD, "raw/999", "raw/000")
        );
    }
}
