//! The challenger judged, registered, promoted; the champion found; changes by people.

pub mod administer;
mod card_lineage;
mod card_time;
pub mod find_champion;
pub mod verdict;
