//! Who moves the champion without a worker does not say whether models must be signed, and by whose key: the workers of
//! the lake do, at their start.

use std::collections::BTreeSet;

use lake::documents::SettingsInForce;

use super::Registry;
use crate::error::Result;

/// How a key is given.
const HOW: &str = "with --signing-key (or SPANISHGAS_SIGNING_KEY); public keys will do";

impl Registry {
    /// Refuses a process that would trust a model which the workers of this lake do not: one without a key where they
    /// ask for a signature, and one with other keys than theirs. Where a worker from before has not said what it asks
    /// for, a champion with a signature says it.
    pub async fn require_trust_of_workers(&self) -> Result<()> {
        let notes = SettingsInForce::all(&self.lake).await?;
        let asked_for: BTreeSet<String> = notes.iter().filter_map(|note| note.model_keys.clone()).flatten().collect();
        if self.signing.is_on() {
            let foreign: Vec<_> = self.signing.names().difference(&asked_for).cloned().collect();
            if asked_for.is_empty() || foreign.is_empty() {
                return Ok(());
            }
            return Err(refused(&format!(
                "key {} is none that the workers of this lake trust: a model that it vouches for would not score; give \
                 theirs ({}) and no other, under the same names, {HOW}",
                foreign.join(", "),
                list(&asked_for)
            )));
        }
        if !asked_for.is_empty() {
            let signing = notes.iter().filter(|note| note.model_keys.as_ref().is_some_and(|keys| !keys.is_empty()));
            let queues: BTreeSet<_> = signing.map(|note| note.task_queue.clone()).collect();
            return Err(refused(&format!(
                "the workers of task queue {} ask models for a signature by {}, and without a key nobody can look for \
                 one; give it {HOW}; where models are not signed any more, start a worker of that queue without a key first",
                list(&queues),
                list(&asked_for)
            )));
        }
        let all_have_said = !notes.is_empty() && notes.iter().all(|note| note.model_keys.is_some());
        if !all_have_said && let Some(version) = self.signed_champion().await? {
            return Err(refused(&format!(
                "the champion {version} is signed, so the next one must be, and without a key nobody can look for a \
                 signature: give it {HOW}; where models are not signed any more, start a worker without a key first"
            )));
        }
        Ok(())
    }

    /// The champion, if it has a signature, whatever that is worth.
    async fn signed_champion(&self) -> Result<Option<String>> {
        let Some((pointer, _)) = self.champion().await? else { return Ok(None) };
        let signature = self.signature(&pointer.version).await?;
        Ok(signature.map(|_| pointer.version.to_string()))
    }
}

fn refused(problem: &str) -> crate::error::Error {
    churn::Error::settings("signing key", problem).into()
}

fn list(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use lake::documents::{ModelSignature, SignatureAlgorithm};
    use lake::{FolderLake, Lake, keys};
    use protocol::Digest;
    use serde_json::json;

    use super::*;
    use crate::signing::sample::{private, public};
    use crate::signing::{KeyFile, Signing};

    fn signing(pem: &str) -> Signing {
        KeyFile::parse(pem).unwrap().into()
    }

    /// A worker of a queue starts with a key, or none.
    async fn start_worker(lake: &Lake, task_queue: &str, signing: &Signing) {
        let (task_queue, digest) = (task_queue.to_owned(), Digest::of(b"settings"));
        let model_keys = Some(signing.names());
        let note = SettingsInForce { task_queue, digest, time_zone: None, model_keys, payload_keys: None };
        note.announce(lake).await.unwrap();
    }

    /// A champion with a signature.
    async fn sign_champion(lake: &Lake) {
        let pointer = json!({ "version": "v", "promoted_by": "run", "promoted_at": "2024-12-31", "previous": null });
        lake.put_json(keys::CHAMPION, &pointer).await.unwrap();
        let signature = ModelSignature {
            algorithm: SignatureAlgorithm::Ed25519,
            key_id: "key".to_owned(),
            version: "v".into(),
            files: Digest::of(b"files"),
            signature: "x".to_owned(),
        };
        lake.put_json(&keys::model_signature("v"), &signature).await.unwrap();
    }

    struct Asked(Lake);

    impl Asked {
        async fn with(&self, signing: Signing) -> Result<()> {
            Registry::in_lake(self.0.clone()).with_signing(signing).require_trust_of_workers().await
        }

        async fn refusal(&self, signing: Signing) -> String {
            let refused = self.with(signing).await.unwrap_err();
            assert_eq!(refused.type_name(), "SG0003 UnusableSettings");
            refused.to_string()
        }
    }

    fn new_lake() -> (tempfile::TempDir, Lake) {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        (root, lake)
    }

    #[tokio::test]
    async fn the_workers_say_whether_a_signature_is_needed_and_by_which_key() {
        let (_root, lake) = new_lake();
        let asked = Asked(lake.clone());
        start_worker(&lake, "usual", &Signing::Off).await;
        for signing in [Signing::Off, signing(&private(1))] {
            asked.with(signing).await.unwrap();
        }
        start_worker(&lake, "signs", &signing(&private(1))).await;
        let without = asked.refusal(Signing::Off).await;
        let id = signing(&private(1)).names().pop_first().unwrap();
        assert!(without.contains("task queue signs") && without.contains(&id), "{without}");
        let foreign = asked.refusal(signing(&private(2))).await;
        assert!(foreign.contains("is none that the workers of this lake trust"), "{foreign}");
        // Theirs beside one of nobody is no better.
        asked.refusal(signing(&(private(1) + &public(2)))).await;
        asked.with(signing(&public(1))).await.unwrap();

        start_worker(&lake, "signs", &Signing::Off).await;
        asked.with(Signing::Off).await.unwrap();
    }

    #[tokio::test]
    async fn where_no_worker_has_said_it_a_signed_champion_does() {
        let (_root, lake) = new_lake();
        let asked = Asked(lake.clone());
        asked.with(Signing::Off).await.unwrap();
        sign_champion(&lake).await;
        let refused = asked.refusal(Signing::Off).await;
        assert!(refused.contains("the champion v is signed"), "{refused}");
        asked.with(signing(&public(1))).await.unwrap();
        // A worker from before says nothing of it, one of now that it asks for none.
        let note = json!({ "task_queue": "q", "digest": Digest::of(b"x") });
        let before: SettingsInForce = serde_json::from_value(note).unwrap();
        before.announce(&lake).await.unwrap();
        asked.refusal(Signing::Off).await;
        start_worker(&lake, "q", &Signing::Off).await;
        asked.with(Signing::Off).await.unwrap();
    }
}
