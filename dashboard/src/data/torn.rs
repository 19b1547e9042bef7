//! What a page goes on without: documents beside its tables that are there and cannot be read. They are noted while the
//! page is made, and named above it.

use std::sync::{Arc, Mutex, PoisonError};

use super::DataError;

/// What could not be read while a page was made; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Torn(Arc<Mutex<Vec<DataError>>>);

impl Torn {
    /// What was found; nothing where it cannot be read, and that is noted.
    pub fn or_note<T>(&self, found: Result<Option<T>, DataError>) -> Result<Option<T>, DataError> {
        match found {
            Err(error) if error.is_unreadable() => {
                self.0.lock().unwrap_or_else(PoisonError::into_inner).push(error);
                Ok(None)
            }
            found => found,
        }
    }

    /// What was noted, each document once.
    pub fn noted(&self) -> Vec<String> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut problems: Vec<String> = Vec::new();
        for problem in noted.iter().map(ToString::to_string) {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        problems
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
        assert_eq!(torn.noted(), [unreadable().to_string()]);
    }
}
