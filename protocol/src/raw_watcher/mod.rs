//! What workflow `RawWatcher` takes, what its activities say, and what it returns.

mod delivery;
mod input;

pub use delivery::{
    Delivery, DeliveryNote, DeliveryState, NoteDeliveries, Noted, RawWatched, Ready, WatchRaw, WatchedDelivery,
    WatcherResult, subjects_of_delivery,
};
pub use input::WatcherInput;

/// The workflow's type.
pub const WORKFLOW_TYPE: &str = "RawWatcher";

/// The signal that tells it of a change: it looks for that, and again until nothing changes any more.
pub const LOOK_AGAIN: &str = "look_again";
