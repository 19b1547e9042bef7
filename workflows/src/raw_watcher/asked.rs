//! Whether a look is followed by another: only where somebody told of a change. Whoever starts a watcher without a word, as the
//! schedule does, gets one look.

use protocol::raw_watcher::RawWatched;

/// What a watcher was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Asked {
    /// Nothing.
    #[default]
    OneLook,
    /// Of changes, and a look has begun since.
    Looking,
    /// Of a change, and no look has begun since.
    Told,
}

/// What a look leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Something changed a moment ago.
    Settling,
    /// Nothing that time brings about.
    Nothing,
}

impl Asked {
    /// Somebody tells of a change.
    pub fn tell(&mut self) {
        *self = Self::Told;
    }

    /// A look begins, which sees what was told until now.
    pub fn begin(&mut self) {
        if *self == Self::Told {
            *self = Self::Looking;
        }
    }

    /// Whether a look that left this open is followed by another.
    pub fn is_followed(self, left: Left) -> bool {
        match self {
            Self::OneLook => false,
            Self::Looking => left == Left::Settling,
            Self::Told => true,
        }
    }
}

impl Left {
    /// What is left of what a look saw.
    pub fn of(watched: &RawWatched) -> Self {
        if watched.settles() { Self::Settling } else { Self::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use protocol::raw_watcher::{Delivery, DeliveryState};

    use super::*;

    #[test]
    fn a_watcher_that_nobody_told_of_a_change_looks_once() {
        let mut asked = Asked::default();
        asked.begin();
        assert!(!asked.is_followed(Left::Settling), "the schedule looks again");
    }

    #[test]
    fn a_change_is_looked_for_until_nothing_changes_any_more() {
        let mut asked = Asked::default();
        asked.tell();
        asked.begin();
        assert!(asked.is_followed(Left::Settling) && !asked.is_followed(Left::Nothing));
        // Who is told while it looks may have looked too early.
        asked.tell();
        asked.tell();
        assert!(asked.is_followed(Left::Nothing));
        asked.begin();
        assert!(!asked.is_followed(Left::Nothing), "one look is enough for all that was told before it");
    }

    #[test]
    fn what_is_missing_or_cannot_be_read_is_nothing_that_time_brings_about() {
        let left = |state| {
            let delivery = Delivery { prefix: "raw".to_owned(), since: String::new(), state };
            Left::of(&RawWatched { deliveries: vec![delivery], ..RawWatched::default() })
        };
        assert_eq!(left(DeliveryState::Settling), Left::Settling);
        let missing = vec!["price_history.csv".to_owned()];
        assert_eq!(left(DeliveryState::Incomplete { missing, tell: false }), Left::Nothing);
        let problem = "SG0001 BadData: no footer".to_owned();
        assert_eq!(left(DeliveryState::Unusable { problem, tell: false }), Left::Nothing);
    }
}
