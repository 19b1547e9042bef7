//! What all requests share.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use lake::documents::Publication;
use lake::keys;
use tokio::time::timeout;

use crate::access::{ANSWER_WITHIN, Access, Clock};
use crate::data::{DataError, Snapshot, Store};
use crate::link::LinkKey;
use crate::pages::operate::CarryOut;
use crate::server::PageError;
use crate::temporal::Temporal;

/// Who sits before the browsers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum People {
    /// Whoever sits at this machine: nobody signs in or out.
    OfThisMachine,
    /// Whoever signed in with a token, and can sign out.
    SignedIn,
}

/// What the pages say of the program and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The revision of the code.
    pub version: String,
    /// Temporal's own pages with the namespace: `http://127.0.0.1:8233/namespaces/default`.
    pub temporal_ui: Option<String>,
    /// After so long results are too old.
    pub stale_after: TimeDelta,
    /// Who sits before the browsers.
    pub people: People,
    /// The tier of every feature, as `feature_tiers.yaml` has it.
    pub feature_tiers: BTreeMap<String, String>,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            version: "unknown".to_owned(),
            temporal_ui: None,
            // A night and two hours.
            stale_after: TimeDelta::hours(26),
            people: People::OfThisMachine,
            feature_tiers: BTreeMap::new(),
        }
    }
}

/// What a site is built of.
pub struct Parts {
    /// The lake.
    pub store: Store,
    /// The server.
    pub temporal: Temporal,
    /// Who may come in; also the key of customers' links and the time.
    pub access: Access,
    /// The time.
    pub clock: Clock,
    /// Does what operators order from the pages.
    pub carry_out: CarryOut,
    /// What the pages say of the program.
    pub facts: Facts,
}

/// What all requests share; cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Shared>);

struct Shared {
    store: Arc<Store>,
    temporal: Temporal,
    access: Arc<Access>,
    clock: Clock,
    carry_out: CarryOut,
    facts: Facts,
}

impl Site {
    /// A site of its parts.
    pub fn new(parts: Parts) -> Self {
        let Parts { store, temporal, access, clock, carry_out, facts } = parts;
        Self(Arc::new(Shared { store: Arc::new(store), temporal, access: Arc::new(access), clock, carry_out, facts }))
    }

    /// One look at the pointers: the published results, or those of the run that is named.
    pub async fn snapshot(&self, pin: Option<&str>) -> Result<Snapshot, PageError> {
        self.snapshot_at(pin, self.now()).await.map_err(PageError::from)
    }

    pub(super) async fn snapshot_at(&self, pin: Option<&str>, now: DateTime<Utc>) -> Result<Snapshot, DataError> {
        self.0.store.snapshot(pin, now).await
    }

    /// Looks whether the lake can be read, which is what `/readyz` says: a pointer that is torn, or not there yet, was read.
    pub async fn look(&self) {
        let store = &self.0.store;
        let looked = timeout(ANSWER_WITHIN, store.document::<Publication>(keys::PUBLISHED, self.now())).await;
        let is_read = match looked {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => error.is_unreadable(),
            Err(_) => false,
        };
        self.0.access.readiness().set(is_read);
    }

    /// The lake as the pages see it.
    pub fn store(&self) -> &Arc<Store> {
        &self.0.store
    }

    /// The server as the pages ask it.
    pub fn temporal(&self) -> &Temporal {
        &self.0.temporal
    }

    /// Who may come in.
    pub fn access(&self) -> &Arc<Access> {
        &self.0.access
    }

    /// What makes customers' links.
    pub fn link_key(&self) -> &LinkKey {
        self.0.access.link_key()
    }

    /// Does what operators order from the pages.
    pub fn carry_out(&self) -> &CarryOut {
        &self.0.carry_out
    }

    /// What the pages say of the program.
    pub fn facts(&self) -> &Facts {
        &self.0.facts
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0.clock)()
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("facts", &self.0.facts).finish_non_exhaustive()
    }
}
