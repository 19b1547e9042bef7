//! What people hear of a watcher that has come to no end for too long, told by another one.

use protocol::silence::{NoteSilence, Silence};
use protocol::{AlertKind, Pipeline};

use super::{Call, Event, Execution, Failure, Weight};

impl<W> Execution<W> {
    /// Tells people, and remembers that they heard of it. Asked for by what an activity answered: histories of before have
    /// no such answer, and none of these commands.
    pub async fn tell_silence(&self, silence: Option<Silence>) -> Result<(), Failure> {
        let Some(silence) = silence else { return Ok(()) };
        // What nobody heard is told again by the next look.
        if !self.tell(event(&silence)).await {
            return Ok(());
        }
        let call = Call::between("remember", Weight::Light, "people heard of a silent watcher");
        self.call(Pipeline::note_silence, NoteSilence { silence }, call).await.map(drop)
    }
}

fn event(silence: &Silence) -> Event {
    let since = silence.since();
    let body = match silence {
        Silence::RawWatcher { raw_prefix, .. } => format!(
            "No look at {raw_prefix}/ has come to its end since {since}: new deliveries start no run. Look whether the schedule \
             is paused, and why its last runs failed: spanishgas schedules list."
        ),
        Silence::DeliveryWithoutRun { prefix, .. } => format!(
            "{prefix}/ is complete and at rest, and the watcher could not start its run since {since}. Start it by hand: \
             spanishgas run --mode score --raw-prefix {prefix}."
        ),
        Silence::Freshness { .. } => format!(
            "Whether the scores of the day are there was looked at last at {since}: nobody would tell of late ones. Look whether \
             the schedule is paused, and why its last runs failed: spanishgas schedules list."
        ),
    };
    Event {
        kind: AlertKind::WatcherSilent,
        subject: silence.subject(),
        body,
        features: Vec::new(),
        details: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_says_who_since_when_and_what_to_do() {
        let since = "2025-01-02T03:00:00.000Z".to_owned();
        for (silence, command) in [
            (Silence::RawWatcher { raw_prefix: "raw".to_owned(), since: since.clone() }, "spanishgas schedules list"),
            (
                Silence::DeliveryWithoutRun { prefix: "raw/new".to_owned(), since: since.clone() },
                "spanishgas run --mode score --raw-prefix raw/new",
            ),
            (Silence::Freshness { since: since.clone() }, "spanishgas schedules list"),
        ] {
            let event = event(&silence);
            assert_eq!((event.kind, event.subject.is_ascii()), (AlertKind::WatcherSilent, true));
            assert!(event.body.contains(&since) && event.body.contains(command), "{}", event.body);
        }
    }
}
