//! `find_garbage` and `sweep_garbage`: how much nothing reaches, and what became of it.

use serde::{Deserialize, Serialize};

/// Asks how much nothing reaches.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FindGarbage {
    /// Only what was written more than so many days ago.
    pub older_than_days: u32,
}

/// Asks that some of it is deleted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SweepGarbage {
    /// Only what was written before, RFC 3339: the limit of the first look, so that nothing grows old meanwhile.
    pub limit: String,
}

/// Folders of stages, and lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Heap {
    /// How many.
    pub folders: u64,
    /// How many objects are in them.
    pub objects: u64,
    /// How large they are.
    pub bytes: u64,
}

/// What a look at the lake found; of a sweep, what it left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GarbageLook {
    /// Only what was written before this moment counts, RFC 3339.
    pub limit: String,
    /// What nothing reaches.
    pub unreached: Heap,
    /// How many folders stay since something reaches them.
    pub kept_reached: u64,
    /// How many folders stay since they are young.
    pub kept_young: u64,
    /// How many runs are at work: they may build on anything stored.
    pub runs_at_work: u64,
    /// The first few reasons not to delete anything.
    pub doubts: Vec<String>,
    /// How many there are.
    pub doubts_in_all: u64,
}

impl GarbageLook {
    /// Whether anything may be deleted now.
    pub fn may_delete(&self) -> bool {
        self.doubts_in_all == 0 && self.runs_at_work == 0
    }
}

/// What came of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GarbageOutcome {
    /// Nothing is old and reached by nothing.
    Nothing,
    /// There is something, and nobody asked to delete it.
    Found,
    /// All of it was deleted.
    Deleted,
    /// Not all of it was deleted: a run was at work, or it is too much for once. The next collection goes on.
    Postponed,
    /// Something could not be read: no more was deleted, and people hear of it.
    Doubtful,
}

impl GarbageOutcome {
    /// What came of a collection whose last look is `left`.
    pub fn of(delete: bool, found: Heap, left: &GarbageLook) -> Self {
        match (left.doubts_in_all, found.folders, delete) {
            (1.., _, _) => Self::Doubtful,
            (0, 0, _) => Self::Nothing,
            (0, _, false) => Self::Found,
            (0, _, true) if left.unreached.folders == 0 => Self::Deleted,
            (0, _, true) => Self::Postponed,
        }
    }
}

/// What workflow `GarbageCollection` returns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GarbageReport {
    /// What came of it.
    pub outcome: GarbageOutcome,
    /// Only what was written more than so many days ago counts.
    pub older_than_days: u32,
    /// What nothing reached at the first look.
    pub unreached: Heap,
    /// What of it was deleted.
    pub deleted: Heap,
    /// How many folders stay since something reaches them.
    pub kept_reached: u64,
    /// How many folders stay since they are young.
    pub kept_young: u64,
    /// How many runs were at work at the last look.
    pub runs_at_work: u64,
    /// How many doubts there were.
    pub doubts: u64,
    /// The subjects of the alerts that could not be delivered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undelivered_alerts: Vec<String>,
}

impl Heap {
    /// What is here and not in `left`.
    pub fn without(self, left: Self) -> Self {
        Self {
            folders: self.folders.saturating_sub(left.folders),
            objects: self.objects.saturating_sub(left.objects),
            bytes: self.bytes.saturating_sub(left.bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_outweighs_all_and_what_is_left_is_postponed() {
        let heap = |folders| Heap { folders, objects: folders * 2, bytes: folders * 10 };
        let look = |folders, doubts_in_all, runs_at_work| GarbageLook {
            limit: String::new(),
            unreached: heap(folders),
            kept_reached: 0,
            kept_young: 0,
            runs_at_work,
            doubts: Vec::new(),
            doubts_in_all,
        };
        for (delete, found, left, outcome) in [
            (false, 0, look(0, 0, 0), GarbageOutcome::Nothing),
            (false, 3, look(3, 0, 1), GarbageOutcome::Found),
            (true, 3, look(0, 0, 0), GarbageOutcome::Deleted),
            (true, 3, look(3, 0, 1), GarbageOutcome::Postponed),
            (true, 3, look(1, 2, 0), GarbageOutcome::Doubtful),
            (false, 0, look(0, 1, 0), GarbageOutcome::Doubtful),
        ] {
            assert_eq!(GarbageOutcome::of(delete, heap(found), &left), outcome, "{left:?}");
        }
        assert_eq!(heap(3).without(heap(1)), heap(2));
        assert!(!look(3, 0, 1).may_delete() && !look(3, 1, 0).may_delete() && look(3, 0, 0).may_delete());
    }
}
