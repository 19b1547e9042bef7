//! Envelope encryption with a key in AWS KMS: payloads are encrypted with a data key that KMS makes and that is kept in
//! memory for a while; its sealed form goes with every payload, and only KMS opens it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use activities::kms::{DataKey, Opened, PlainKey, WrappingKey};
use ring::aead::LessSafeKey;
use tokio::sync::Mutex;

use super::opened_keys::{Known, OpenedKeys};
use super::{Problem, Sealed, aes};

/// A data key encrypts for so long, then there is a new one.
const DATA_KEY_AGE: Duration = Duration::from_hours(1);
/// A data key encrypts so many payloads: far fewer than nonces by chance may be drawn for one key (2^32).
const DATA_KEY_PAYLOADS: u32 = 10_000;

/// A key in KMS, and the data keys that are in memory. A wait for KMS is a wait of the future alone, and ends after
/// seconds; other payloads that need no call go on.
pub struct Envelope {
    key: Arc<dyn WrappingKey>,
    current: Mutex<Option<Current>>,
    opened: Mutex<OpenedKeys>,
}

/// The data key that encrypts.
struct Current {
    key_id: String,
    sealed: Vec<u8>,
    key: Arc<LessSafeKey>,
    since: Instant,
    payloads: u32,
}

impl Current {
    fn is_worn(&self, now: Instant) -> bool {
        self.payloads >= DATA_KEY_PAYLOADS || now.saturating_duration_since(self.since) >= DATA_KEY_AGE
    }
}

impl Envelope {
    /// Around a key, which is asked for nothing yet.
    pub fn new(key: Arc<dyn WrappingKey>) -> Self {
        Self { key, current: Mutex::default(), opened: Mutex::default() }
    }

    /// The key in KMS.
    pub fn key(&self) -> &dyn WrappingKey {
        &*self.key
    }

    /// Encrypts with the data key of this hour.
    pub async fn seal(&self, bytes: Vec<u8>, now: Instant) -> Result<Sealed, Problem> {
        // Whoever comes while a new key is made waits for it: a second one would be of no use.
        let mut slot = self.current.lock().await;
        let current = match slot.take().filter(|current| !current.is_worn(now)) {
            Some(current) => current,
            None => self.renewed(now).await?,
        };
        let current = slot.insert(current);
        current.payloads += 1;
        let data = aes::seal(&current.key, &current.key_id, bytes)?;
        Ok(Sealed { key_id: current.key_id.clone(), data_key: Some(current.sealed.clone()), data })
    }

    /// Decrypts with a data key that came sealed; none where another key in KMS sealed it.
    pub async fn open(
        &self,
        key_id: &str,
        data_key: &[u8],
        sealed: &[u8],
        now: Instant,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let known = self.opened.lock().await.find(data_key, now);
        let key = match known {
            Some(Known::Opened(key)) => key,
            Some(Known::OfAnotherKey) => return Ok(None),
            None => match self.key.open(data_key).await? {
                Opened::Key(plain) => self.kept(key_id, data_key, &plain, now).await?,
                Opened::OtherKey => {
                    self.opened.lock().await.keep(data_key, Known::OfAnotherKey, now);
                    return Ok(None);
                }
                Opened::Changed => return Err(Problem::NotGenuine { key_id: key_id.to_owned() }),
            },
        };
        aes::open(&key, key_id, sealed).map(Some)
    }

    /// The same without a question to KMS; none where the data key is not in memory.
    pub async fn open_from_memory(
        &self,
        key_id: &str,
        data_key: &[u8],
        sealed: &[u8],
        now: Instant,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let known = self.opened.lock().await.find(data_key, now);
        match known {
            Some(Known::Opened(key)) => aes::open(&key, key_id, sealed).map(Some),
            Some(Known::OfAnotherKey) | None => Ok(None),
        }
    }

    async fn renewed(&self, now: Instant) -> Result<Current, Problem> {
        let DataKey { key_id, plain, sealed } = self.key.new_data_key().await?;
        // What this process wrote comes back to it: no call for that.
        let key = self.kept(&key_id, &sealed, &plain, now).await?;
        Ok(Current { key_id, sealed, key, since: now, payloads: 0 })
    }

    async fn kept(
        &self,
        key_id: &str,
        sealed: &[u8],
        PlainKey(plain): &PlainKey,
        now: Instant,
    ) -> Result<Arc<LessSafeKey>, Problem> {
        let key = aes::key(plain).ok_or_else(|| Problem::NotGenuine { key_id: key_id.to_owned() })?;
        let key = Arc::new(key);
        self.opened.lock().await.keep(sealed, Known::Opened(Arc::clone(&key)), now);
        Ok(key)
    }
}

/// Nothing of a data key is shown.
impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope").field("key", self.key.name()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use lake::RemoteErrorKind;

    use super::super::fake_kms::FakeWrappingKey;
    use super::*;

    fn envelope(key: &FakeWrappingKey) -> Envelope {
        Envelope::new(Arc::new(key.clone()))
    }

    async fn opened(envelope: &Envelope, sealed: &Sealed, now: Instant) -> Result<Option<Vec<u8>>, Problem> {
        let data_key = sealed.data_key.as_deref().unwrap();
        envelope.open(&sealed.key_id, data_key, &sealed.data, now).await
    }

    #[tokio::test]
    async fn one_data_key_serves_for_an_hour_and_its_own_process_asks_for_none_again() {
        let (key, now) = (FakeWrappingKey::new("alias/payloads", 1), Instant::now());
        let mine = envelope(&key);
        let first = mine.seal(b"one".to_vec(), now).await.unwrap();
        let second = mine.seal(b"two".to_vec(), now + DATA_KEY_AGE / 2).await.unwrap();
        assert_eq!(first.data_key, second.data_key);
        assert_eq!(opened(&mine, &first, now).await, Ok(Some(b"one".to_vec())));
        assert_eq!(key.calls(), ["GenerateDataKey"]);
        let third = mine.seal(b"three".to_vec(), now + DATA_KEY_AGE).await.unwrap();
        assert_ne!(first.data_key, third.data_key);
        assert_eq!(key.calls(), ["GenerateDataKey", "GenerateDataKey"]);
    }

    #[tokio::test]
    async fn a_data_key_encrypts_only_so_many_payloads() {
        let (key, now) = (FakeWrappingKey::new("alias/payloads", 1), Instant::now());
        let mine = envelope(&key);
        for _ in 0..=DATA_KEY_PAYLOADS {
            mine.seal(Vec::new(), now).await.unwrap();
        }
        assert_eq!(key.calls().len(), 2);
    }

    #[tokio::test]
    async fn another_process_asks_kms_once_for_all_payloads_of_a_data_key() {
        let (key, now) = (FakeWrappingKey::new("alias/payloads", 1), Instant::now());
        let (writes, reads) = (envelope(&key), envelope(&key));
        for text in [b"one", b"two"] {
            let sealed = writes.seal(text.to_vec(), now).await.unwrap();
            assert_eq!(opened(&reads, &sealed, now).await, Ok(Some(text.to_vec())));
        }
        assert_eq!(key.calls(), ["GenerateDataKey", "Decrypt"]);
    }

    #[tokio::test]
    async fn a_changed_payload_and_a_changed_data_key_are_refused_and_another_key_is_told() {
        let (key, now) = (FakeWrappingKey::new("alias/payloads", 1), Instant::now());
        let sealed = envelope(&key).seal(b"one".to_vec(), now).await.unwrap();
        let mut changed = sealed.clone();
        changed.data[12] ^= 1;
        let not_genuine = Err(Problem::NotGenuine { key_id: sealed.key_id.clone() });
        assert_eq!(opened(&envelope(&key), &changed, now).await, not_genuine);
        let mut changed = sealed.clone();
        changed.data_key = Some(b"?".to_vec());
        assert_eq!(opened(&envelope(&key), &changed, now).await, not_genuine);
        let other = FakeWrappingKey::new("alias/payloads", 2);
        let not_mine = envelope(&other);
        for _ in 0..2 {
            assert_eq!(opened(&not_mine, &sealed, now).await, Ok(None));
        }
        assert_eq!(other.calls(), ["Decrypt"], "that it is another's is remembered");
    }

    #[tokio::test]
    async fn what_kms_refuses_is_told_with_its_words_and_tried_again_by_the_next() {
        let (key, now) = (FakeWrappingKey::new("alias/payloads", 1), Instant::now());
        let mine = envelope(&key);
        key.fail(Some(RemoteErrorKind::Unavailable));
        let problem = mine.seal(b"one".to_vec(), now).await.unwrap_err();
        assert_eq!(problem.kind(), churn::Kind::Retry);
        assert!(problem.to_string().contains("kms GenerateDataKey of alias/payloads failed"), "{problem}");
        key.fail(Some(RemoteErrorKind::Denied));
        assert_eq!(mine.seal(b"one".to_vec(), now).await.unwrap_err().kind(), churn::Kind::Permanent);
        key.fail(None);
        let sealed = mine.seal(b"one".to_vec(), now).await.unwrap();
        key.fail(Some(RemoteErrorKind::Denied));
        let problem = opened(&envelope(&key), &sealed, now).await.unwrap_err();
        assert!(problem.to_string().contains("kms Decrypt of alias/payloads failed"), "{problem}");
        assert_eq!(opened(&mine, &sealed, now).await, Ok(Some(b"one".to_vec())), "it is in memory");
    }
}
