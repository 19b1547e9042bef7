//! What is known of runs for good: a record is written when its run has ended, and stays.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::RunId;

/// Something that is known of a run.
type Kept = Arc<dyn Any + Send + Sync>;

/// What is known of runs, by what kind of thing it is.
#[derive(Debug, Default)]
pub struct ByRun(Mutex<BTreeMap<(TypeId, RunId), Kept>>);

impl ByRun {
    /// What is known of this kind, if anything is.
    pub fn known<T: Send + Sync + 'static>(&self, run_id: &RunId) -> Option<Arc<T>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(held.get(&(TypeId::of::<T>(), run_id.clone()))?).downcast().ok()
    }

    /// Keeps it.
    pub fn keep<T: Send + Sync + 'static>(&self, run_id: RunId, known: Arc<T>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((TypeId::of::<T>(), run_id), known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_run_is_of_its_kind_and_of_no_other_run() {
        let (held, run): (ByRun, RunId) = (ByRun::default(), "r1".into());
        held.keep(run.clone(), Arc::new(7_u32));
        assert_eq!(held.known::<u32>(&run).as_deref(), Some(&7));
        assert_eq!(held.known::<u64>(&run), None);
        assert_eq!(held.known::<u32>(&"r2".into()), None);
    }
}
