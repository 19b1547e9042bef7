//! Who is behind a customer's link: the position of every token in the scores of a digest.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::data::{Snapshot, positions};
use crate::link::Token;
use crate::server::{PageError, Visit};

/// The row of every customer, by the token of their links; made once per scores.
pub type Directory = BTreeMap<Token, usize>;

/// The directory of a snapshot's scores.
pub async fn directory(visit: &Visit, snapshot: &Snapshot) -> Result<Arc<Directory>, PageError> {
    let (scores, key) = (snapshot.scores().await?, visit.site.link_key().clone());
    let digest = snapshot.scores_digest()?.clone();
    Ok(snapshot.derive("directory", &digest, move || positions(&scores, |id| key.token(id))).await?)
}
