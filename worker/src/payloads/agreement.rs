//! Whether a command and the workers of a queue can read each other's payloads, found out before anything is started: a
//! payload whose key is missing is tried again until the key is there, and nobody sees why nothing goes on.

use activities::kms::KmsKeyName;
use lake::documents::PayloadKeys;

/// What the name of a key in KMS begins with.
const KMS: &str = "kms:";

/// Why they cannot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Disagreement {
    /// We could not read the workers.
    #[error(
        "the workers of task queue {task_queue} encrypt payloads with key {key_id}, and here {held}: a run would be made, \
         and its answers could not be read; give --payload-key (SPANISHGAS_PAYLOAD_KEY) a file that holds that key, or \
         kms: and its name; nothing was started"
    )]
    TheirsAreUnreadable {
        /// The workers' queue.
        task_queue: String,
        /// The key that they encrypt with.
        key_id: String,
        /// What we have.
        held: String,
    },
    /// The workers could not read us.
    #[error(
        "payloads are encrypted here with key {key_id}, and with the workers of task queue {task_queue} {held}: what is \
         asked of them would wait until they have that key; give it to them and restart them, or leave --payload-key \
         (SPANISHGAS_PAYLOAD_KEY) as theirs is; nothing was started"
    )]
    OursAreUnreadable {
        /// The workers' queue.
        task_queue: String,
        /// The key that we encrypt with.
        key_id: String,
        /// What they have.
        held: String,
    },
}

/// Refuses what could not be understood for certain: whether two names of a key in KMS are of one key, only KMS knows.
pub fn check(task_queue: &str, ours: &PayloadKeys, theirs: &PayloadKeys) -> Result<(), Disagreement> {
    let task_queue = task_queue.to_owned();
    if let Some(key_id) = unreadable(ours, theirs) {
        return Err(Disagreement::TheirsAreUnreadable { task_queue, key_id, held: held(ours) });
    }
    if let Some(key_id) = unreadable(theirs, ours) {
        return Err(Disagreement::OursAreUnreadable { task_queue, key_id, held: held(theirs) });
    }
    Ok(())
}

/// The key that the writer encrypts with, where the reader has not got it.
fn unreadable(reader: &PayloadKeys, writer: &PayloadKeys) -> Option<String> {
    let key_id = writer.encrypts.clone()?;
    (!reader.decrypts.iter().any(|name| may_be_one(name, &key_id))).then_some(key_id)
}

/// Whether two names may be of one key.
fn may_be_one(one: &str, other: &str) -> bool {
    let kms = |name: &str| name.strip_prefix(KMS)?.parse::<KmsKeyName>().ok();
    match (kms(one), kms(other)) {
        (Some(one), Some(other)) => one.may_be(other.as_str()) || other.may_be(one.as_str()),
        _ => one == other,
    }
}

fn held(keys: &PayloadKeys) -> String {
    let names: Vec<_> = keys.decrypts.iter().map(String::as_str).collect();
    if names.is_empty() { "is no key".to_owned() } else { format!("are only {}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first encrypts, all decrypt.
    fn keys(names: &[&str]) -> PayloadKeys {
        let names = names.iter().map(|name| (*name).to_owned());
        PayloadKeys { encrypts: names.clone().next(), decrypts: names.collect() }
    }

    fn refused(ours: &[&str], theirs: &[&str]) -> String {
        check("q", &keys(ours), &keys(theirs)).unwrap_err().to_string()
    }

    #[test]
    fn who_can_read_each_other_may_have_different_keys() {
        let arn = format!("kms:arn:aws:kms:eu-west-1:123456789012:key/{:032x}", 1);
        let id = format!("kms:{:032x}", 1);
        for (ours, theirs) in [
            (&[][..], &[][..]),
            (&["new"][..], &["new"][..]),
            // A key is changed: the new one is the last everywhere, then the first of some.
            (&["old", "new"][..], &["new", "old"][..]),
            // Which key an alias stands for only KMS knows.
            (&["kms:alias/payloads"][..], &[arn.as_str()][..]),
            (&[arn.as_str()][..], &[id.as_str()][..]),
        ] {
            assert_eq!(check("q", &keys(ours), &keys(theirs)), Ok(()), "{ours:?} {theirs:?}");
        }
    }

    #[test]
    fn who_cannot_is_told_which_key_is_missing_and_on_which_side() {
        let without = refused(&[], &["theirs"]);
        assert!(without.contains("encrypt payloads with key theirs, and here is no key"), "{without}");
        let other = refused(&["ours"], &["theirs"]);
        assert!(other.contains("with key theirs, and here are only ours"), "{other}");
        let plain = refused(&["ours"], &[]);
        assert!(plain.contains("here with key ours, and with the workers of task queue q is no key"), "{plain}");
        let old = refused(&["new", "old"], &["old"]);
        assert!(old.contains("here with key new") && old.contains("are only old"), "{old}");
        let [one, two] = [1, 2].map(|number| format!("kms:{number:032x}"));
        let two_of_kms = refused(&[&one], &[&two]);
        assert!(two_of_kms.contains(&two), "{two_of_kms}");
    }
}
