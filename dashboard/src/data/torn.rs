//! What a page goes on without: documents beside its tables that are there and cannot be read. They are noted while the
//! page, or a file of it, is made, and named above it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::DataError;

/// What could not be read while a page was made; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Torn(Arc<Mutex<Vec<DataError>>>);

impl Torn {
    /// What was found; nothing where it cannot be read, and that is noted.
    pub fn or_note<T>(&self, found: Result<Option<T>, DataError>) -> Result<Option<T>, DataError> {
        match found {
            Err(error) if error.is_unreadable() => {
                self.note(error);
                Ok(None)
            }
            found => found,
        }
    }

    /// Notes what cannot be read and why.
    pub(super) fn note(&self, unreadable: DataError) {
        self.held().push(unreadable);
    }

    /// Notes what another look could not read: its answer is kept for a while, and so is what it lacks.
    pub fn also(&self, other: &Self) {
        let problems = other.noted();
        self.held().extend(problems);
    }

    /// What was noted, each document once.
    pub fn noted(&self) -> Vec<DataError> {
        let mut problems: Vec<DataError> = Vec::new();
        for problem in self.held().iter() {
            if !problems.iter().any(|known| known.unreadable_key() == problem.unreadable_key()) {
                problems.push(problem.clone());
            }
        }
        problems
    }

    /// Why the document of a key cannot be read, where that was noted.
    pub fn of(&self, key: &str) -> Option<DataError> {
        self.held().iter().find(|problem| problem.unreadable_key() == Some(key)).cloned()
    }

    /// Whether a document was noted whose key begins so: then what is not there is not known.
    pub fn names(&self, begin: &str) -> bool {
        self.held().iter().any(|problem| problem.unreadable_key().is_some_and(|key| key.starts_with(begin)))
    }

    fn held(&self) -> MutexGuard<'_, Vec<DataError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use lake::LakeError;

    use super::*;

    #[test]
    fn only_what_cannot_be_read_is_gone_on_without_and_it_is_named_once() {
        let unreadable = || {
            let (key, expected, problem) = ("reasons.json".to_owned(), "JSON", "it ends".to_owned());
            DataError::from(LakeError::Unreadable { key, expected, problem })
        };
        let nothing = || DataError::NothingPublished { lake: "lake".to_owned() };
        let torn = Torn::default();
        assert_eq!(torn.or_note(Ok(Some(1))).unwrap(), Some(1));
        assert!(torn.or_note::<u32>(Err(nothing())).is_err());
        assert!(torn.noted().is_empty());
        for _ in 0..2 {
            assert_eq!(torn.clone().or_note::<u32>(Err(unreadable())).unwrap(), None);
        }
        let named = |torn: &Torn| torn.noted().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(named(&torn), [unreadable().to_string()]);
        assert!(torn.of("reasons.json").is_some() && torn.of("reasons").is_none());
        assert!(torn.names("reasons") && !torn.names("runs/"));
        let page = Torn::default();
        page.also(&torn);
        page.also(&torn);
        assert_eq!(named(&page), [unreadable().to_string()]);
    }
}
