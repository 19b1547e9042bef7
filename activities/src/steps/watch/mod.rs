//! The raw files as they arrive: which deliveries there are, what they wait for, what came of them.

mod judge;
mod listing;
mod look;
mod note;

pub use look::watch_raw;
pub use note::note_deliveries;
