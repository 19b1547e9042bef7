//! What a delivery waits for: a pure decision on its listing, what was seen of it before, and the clock.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use lake::documents::SeenDelivery;
use protocol::Digest;

/// The raw files of one folder as they are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDelivery {
    /// The folder.
    pub prefix: String,
    /// What is missing of the seven.
    pub missing: Vec<String>,
    /// The digest of names, sizes and times.
    pub listing: Digest,
}

/// How patient the watcher is.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long nothing may have changed.
    pub settle: TimeDelta,
    /// How long files may be missing before people hear of it.
    pub overdue: TimeDelta,
    /// How long they may not be readable for a reason that may pass, before people hear of it.
    pub silent: TimeDelta,
}

/// What a delivery waits for, as far as its listing tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waits {
    /// For files, since a time; people must hear of it now, or not.
    Incomplete {
        /// Since when.
        since: String,
        /// Whether people must hear of it now.
        tell: bool,
    },
    /// For a moment without changes.
    Settling,
    /// For nothing: it can be read.
    Settled,
}

/// Judges a delivery; what is to be remembered of it comes along.
pub fn judge(
    listed: &ListedDelivery,
    before: Option<&SeenDelivery>,
    now: DateTime<Utc>,
    patience: Patience,
) -> (SeenDelivery, Waits) {
    let unchanged = before.filter(|before| before.listing == listed.listing);
    let mut seen = SeenDelivery {
        listing: listed.listing.clone(),
        unchanged_since: unchanged.map_or_else(|| text(now), |before| before.unchanged_since.clone()),
        incomplete_since: None,
        content: unchanged.and_then(|before| before.content.clone()),
        told: unchanged.is_some_and(|before| before.told),
        told_at: before.and_then(|before| before.told_at.clone()),
        refused: unchanged.and_then(|before| before.refused.clone()),
        unreadable_since: unchanged.and_then(|before| before.unreadable_since.clone()),
        ready_since: unchanged.and_then(|before| before.ready_since.clone()),
    };
    if listed.missing.is_empty() {
        // What was told of an incomplete one is no news of the complete one.
        seen.told &= before.is_some_and(|before| before.incomplete_since.is_none());
        let waits = if age(&seen.unchanged_since, now) >= patience.settle { Waits::Settled } else { Waits::Settling };
        return (seen, waits);
    }
    // One more file does not make it begin anew.
    let incomplete = before.filter(|before| before.incomplete_since.is_some());
    let since = incomplete.and_then(|before| before.incomplete_since.clone()).unwrap_or_else(|| text(now));
    seen.told = incomplete.is_some_and(|before| before.told);
    let tell = !seen.told && age(&since, now) >= patience.overdue;
    seen.incomplete_since = Some(since.clone());
    (seen, Waits::Incomplete { since, tell })
}

pub(super) fn age(since: &str, now: DateTime<Utc>) -> TimeDelta {
    since.parse::<DateTime<Utc>>().map_or(TimeDelta::zero(), |since| now - since)
}

pub(super) fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience =
        Patience { settle: TimeDelta::seconds(120), overdue: TimeDelta::hours(6), silent: TimeDelta::hours(1) };

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_735_600_000 + secs, 0).unwrap()
    }

    fn listed(missing: &[&str], content: &str) -> ListedDelivery {
        let missing = missing.iter().map(|name| (*name).to_owned()).collect();
        ListedDelivery { prefix: "raw".to_owned(), missing, listing: Digest::of(content.as_bytes()) }
    }

    #[test]
    fn a_complete_delivery_is_read_when_nothing_has_changed_for_a_while() {
        let (first, waits) = judge(&listed(&[], "a"), None, at(0), PATIENCE);
        assert_eq!(waits, Waits::Settling, "who knows what comes next");
        let (_, waits) = judge(&listed(&[], "a"), Some(&first), at(119), PATIENCE);
        assert_eq!(waits, Waits::Settling);
        let (second, waits) = judge(&listed(&[], "b"), Some(&first), at(119), PATIENCE);
        assert_eq!((waits, second.unchanged_since.as_str()), (Waits::Settling, text(at(119)).as_str()));
        let (third, waits) = judge(&listed(&[], "b"), Some(&second), at(239), PATIENCE);
        assert_eq!(waits, Waits::Settled);
        let known = SeenDelivery { content: Some(Digest::of(b"files")), ..third };
        assert_eq!(judge(&listed(&[], "b"), Some(&known), at(999), PATIENCE).0, known, "remembered");
        assert_eq!(judge(&listed(&[], "c"), Some(&known), at(999), PATIENCE).0.content, None, "other files");
    }

    #[test]
    fn an_incomplete_delivery_is_told_of_once_however_many_files_come() {
        let (first, waits) = judge(&listed(&["a", "b"], "1"), None, at(0), PATIENCE);
        assert_eq!(waits, Waits::Incomplete { since: text(at(0)), tell: false });
        let (second, _) = judge(&listed(&["a"], "2"), Some(&first), at(3600), PATIENCE);
        assert_eq!(second.incomplete_since, Some(text(at(0))));
        let (third, waits) = judge(&listed(&["a"], "2"), Some(&second), at(6 * 3600), PATIENCE);
        assert_eq!(waits, Waits::Incomplete { since: text(at(0)), tell: true });
        // Nobody has heard yet: it is said again, until it is noted.
        assert_eq!(judge(&listed(&["a"], "2"), Some(&third), at(6 * 3600), PATIENCE).1, waits);
        let told = SeenDelivery { told: true, ..third };
        let (later, waits) = judge(&listed(&["a"], "3"), Some(&told), at(9 * 3600), PATIENCE);
        assert_eq!(waits, Waits::Incomplete { since: text(at(0)), tell: false });
        // Complete at last: and if it is incomplete again, that is another story.
        let (complete, _) = judge(&listed(&[], "4"), Some(&later), at(9 * 3600), PATIENCE);
        assert_eq!((&complete.incomplete_since, complete.told), (&None, false));
        let (again, _) = judge(&listed(&["a"], "5"), Some(&complete), at(10 * 3600), PATIENCE);
        assert_eq!(again.incomplete_since, Some(text(at(10 * 3600))));
    }

    #[test]
    fn a_clock_that_went_back_settles_nothing() {
        let (seen, _) = judge(&listed(&[], "a"), None, at(1000), PATIENCE);
        assert_eq!(judge(&listed(&[], "a"), Some(&seen), at(0), PATIENCE).1, Waits::Settling);
    }
}
