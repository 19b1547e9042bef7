//! What KMS said of data keys, for a while: a history of thousands of payloads costs a call or two.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use protocol::Digest;
use ring::aead::LessSafeKey;

/// After this time KMS is asked again, so that who may no longer use its key soon reads nothing more.
const KEPT_FOR: Duration = Duration::from_hours(1);
/// The same of a data key that another key sealed: an alias may stand for that one soon.
const OTHER_FOR: Duration = Duration::from_mins(5);
/// So many are kept; then the one that was not used for the longest time goes.
const MOST: usize = 1_000;

/// What is known of a data key.
#[derive(Clone)]
pub enum Known {
    /// It is open.
    Opened(Arc<LessSafeKey>),
    /// Another key in KMS sealed it.
    OfAnotherKey,
}

impl Known {
    fn kept_for(&self) -> Duration {
        match self {
            Self::Opened(_) => KEPT_FOR,
            Self::OfAnotherKey => OTHER_FOR,
        }
    }
}

/// What is known, by the digest of the sealed form.
#[derive(Default)]
pub struct OpenedKeys(BTreeMap<String, Kept>);

struct Kept {
    known: Known,
    since: Instant,
    used: Instant,
}

impl OpenedKeys {
    /// What is known of a sealed form, if KMS was asked not long ago.
    pub fn find(&mut self, sealed: &[u8], now: Instant) -> Option<Known> {
        let kept = self.0.get_mut(Digest::of(sealed).as_str())?;
        if now.saturating_duration_since(kept.since) >= kept.known.kept_for() {
            return None;
        }
        kept.used = now;
        Some(kept.known.clone())
    }

    /// Keeps what KMS says now.
    pub fn keep(&mut self, sealed: &[u8], known: Known, now: Instant) {
        let name = Digest::of(sealed).as_str().to_owned();
        if self.0.len() >= MOST && !self.0.contains_key(&name) {
            let oldest = self.0.iter().min_by_key(|(_, kept)| kept.used).map(|(name, _)| name.clone());
            if let Some(oldest) = oldest {
                self.0.remove(&oldest);
            }
        }
        self.0.insert(name, Kept { known, since: now, used: now });
    }
}

#[cfg(test)]
mod tests {
    use super::super::aes;
    use super::*;

    fn key() -> Known {
        Known::Opened(Arc::new(aes::key(&[1; 32]).unwrap()))
    }

    #[test]
    fn a_key_is_kept_for_an_hour() {
        let (mut keys, now) = (OpenedKeys::default(), Instant::now());
        assert!(keys.find(b"sealed", now).is_none());
        keys.keep(b"sealed", key(), now);
        assert!(keys.find(b"sealed", now + KEPT_FOR.checked_sub(Duration::from_secs(1)).unwrap()).is_some());
        assert!(keys.find(b"sealed", now + KEPT_FOR).is_none());
        assert!(keys.find(b"other", now).is_none());
        keys.keep(b"other", Known::OfAnotherKey, now);
        assert!(matches!(keys.find(b"other", now), Some(Known::OfAnotherKey)));
        assert!(keys.find(b"other", now + OTHER_FOR).is_none());
    }

    #[test]
    fn the_one_that_was_not_used_for_the_longest_time_goes_first() {
        let (mut keys, now) = (OpenedKeys::default(), Instant::now());
        let at = |number: usize| now + Duration::from_millis(number as u64);
        for number in 0..MOST {
            keys.keep(&number.to_le_bytes(), key(), at(number));
        }
        assert!(keys.find(&0_usize.to_le_bytes(), at(MOST)).is_some(), "it is used again");
        keys.keep(b"one more", key(), at(MOST + 1));
        assert!(keys.find(&0_usize.to_le_bytes(), at(MOST + 2)).is_some());
        assert!(keys.find(&1_usize.to_le_bytes(), at(MOST + 2)).is_none());
        assert!(keys.find(b"one more", at(MOST + 2)).is_some());
    }
}
