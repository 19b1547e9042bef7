//! The load balancer's public keys, asked for once and kept.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use super::public_key::PublicKey;
use super::{Fetch, OidcProblem};
use crate::access::tries::Tries;

/// A load balancer changes its keys now and then, and has few at a time.
const KEPT: usize = 8;

/// The keys of the load balancers of a region.
pub struct Keys {
    /// Where they are published.
    place: String,
    fetch: Fetch,
    /// Held while one is asked for, so that many requests at once ask for it once.
    known: Mutex<HashMap<String, PublicKey>>,
    /// Who makes up key IDs makes us ask for them, and not often.
    asked: Tries,
}

impl Keys {
    /// None yet.
    pub fn at(place: String, fetch: Fetch) -> Self {
        Self { place, fetch, known: Mutex::default(), asked: Tries::default() }
    }

    /// The key of an ID.
    pub async fn get(&self, id: &str, now: DateTime<Utc>) -> Result<PublicKey, OidcProblem> {
        let mut known = self.known.lock().await;
        if let Some(key) = known.get(id) {
            return Ok(key.clone());
        }
        let missing = |why: String| OidcProblem::NoKey { id: id.to_owned(), why };
        self.asked
            .take(None::<IpAddr>, now)
            .map_err(|secs| missing(format!("too many were asked for; wait {secs} s")))?;
        let pem = (self.fetch)(format!("{}/{id}", self.place)).await.map_err(missing)?;
        let key = PublicKey::parse(&pem).ok_or_else(|| missing("the answer is no public key of P-256".to_owned()))?;
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(id.to_owned(), key.clone());
        Ok(key)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("place", &self.place).finish_non_exhaustive()
    }
}
