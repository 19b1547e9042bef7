//! The challenger judged, registered, promoted; the champion found.

pub mod find_champion;
pub mod verdict;
