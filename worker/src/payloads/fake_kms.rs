//! A key of KMS for tests: it seals a data key by writing its own seed before it, and notes what it was asked for.

use std::sync::{Arc, Mutex};

use activities::kms::{Call, DataKey, KeyFacts, KmsKey, KmsKeyName, Opened, PlainKey, WrappingKey};
use futures::FutureExt;
use futures::future::ready;
use lake::{RemoteError, RemoteErrorKind};
use ring::rand::{SecureRandom, SystemRandom};

/// A key that is named by an alias; clones share what was asked.
#[derive(Debug, Clone)]
pub struct FakeWrappingKey {
    name: KmsKeyName,
    seed: u8,
    calls: Arc<Mutex<Vec<&'static str>>>,
    fails: Arc<Mutex<Option<RemoteErrorKind>>>,
}

impl FakeWrappingKey {
    pub fn new(name: &str, seed: u8) -> Self {
        Self { name: name.parse().unwrap(), seed, calls: Arc::default(), fails: Arc::default() }
    }

    /// What it was asked for, in order.
    pub fn calls(&self) -> Vec<&'static str> {
        self.calls.lock().unwrap().clone()
    }

    /// Every call from now on ends so.
    pub fn fail(&self, kind: Option<RemoteErrorKind>) {
        *self.fails.lock().unwrap() = kind;
    }

    fn ask(&self, operation: &'static str) -> Result<(), RemoteError> {
        self.calls.lock().unwrap().push(operation);
        let (target, said) = (self.name.to_string(), "no".to_owned());
        match *self.fails.lock().unwrap() {
            Some(kind) => Err(RemoteError { service: "kms", operation, target, kind, said }),
            None => Ok(()),
        }
    }
}

impl KmsKey for FakeWrappingKey {
    fn name(&self) -> &KmsKeyName {
        &self.name
    }

    fn describe(&self) -> Call<'_, KeyFacts> {
        let (spec, state) = ("SYMMETRIC_DEFAULT".to_owned(), "Enabled".to_owned());
        ready(Ok(KeyFacts { arn: self.name.to_string(), spec, state })).boxed()
    }
}

impl WrappingKey for FakeWrappingKey {
    fn new_data_key(&self) -> Call<'_, DataKey> {
        let made = || {
            let mut plain = vec![0; 32];
            SystemRandom::new().fill(&mut plain).unwrap();
            let sealed = [&[self.seed][..], &plain].concat();
            let key_id = format!("arn:aws:kms:eu-west-1:123456789012:key/{:032x}", self.seed);
            DataKey { key_id, plain: PlainKey(plain), sealed }
        };
        ready(self.ask("GenerateDataKey").map(|()| made())).boxed()
    }

    fn open<'a>(&'a self, sealed: &'a [u8]) -> Call<'a, Opened> {
        let opened = || match sealed.split_first() {
            Some((seed, plain)) if plain.len() == 32 && *seed == self.seed => Opened::Key(PlainKey(plain.to_vec())),
            Some((_, plain)) if plain.len() == 32 => Opened::OtherKey,
            _ => Opened::Changed,
        };
        ready(self.ask("Decrypt").map(|()| opened())).boxed()
    }
}
