//! Answers of the last seconds: twenty readers of a page ask the server, or list the lake, once.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::LOOK_EVERY;

/// So many answers are kept.
const MOST: usize = 256;

/// When something was answered, and what.
type Answered = (DateTime<Utc>, Box<dyn Any + Send>);

/// What was answered when, by the question.
#[derive(Debug, Default)]
pub struct Held {
    answers: Mutex<BTreeMap<String, Answered>>,
}

impl Held {
    /// The answer of the last seconds.
    pub fn get<T: Clone + 'static>(&self, question: &str, now: DateTime<Utc>) -> Option<T> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, answer) = answers.get(question)?;
        let is_fresh = *at <= now && now - *at < LOOK_EVERY;
        answer.downcast_ref::<T>().filter(|_| is_fresh).cloned()
    }

    /// Keeps an answer, and lets go of the oldest when there are many.
    pub fn keep<T: Send + 'static>(&self, question: String, now: DateTime<Utc>, answer: T) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(question, (now, Box::new(answer)));
        while answers.len() > MOST {
            let oldest = answers.iter().min_by_key(|(_, (at, _))| *at).map(|(question, _)| question.clone());
            let Some(oldest) = oldest else { return };
            answers.remove(&oldest);
        }
    }

    /// Forgets everything: somebody has just changed something.
    pub fn clear(&self) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn an_answer_counts_for_some_seconds_and_for_its_own_question() {
        let (held, then) = (Held::default(), DateTime::UNIX_EPOCH);
        held.keep("runs".to_owned(), then, 7_u32);
        assert_eq!(held.get::<u32>("runs", then + TimeDelta::seconds(4)), Some(7));
        assert_eq!(held.get::<u32>("runs", then + TimeDelta::seconds(5)), None);
        assert_eq!(held.get::<u32>("schedules", then), None);
        assert_eq!(held.get::<u64>("runs", then), None);
        held.clear();
        assert_eq!(held.get::<u32>("runs", then), None);
    }
}
