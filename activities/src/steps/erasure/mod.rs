//! Erasure: customers whom a person wants forgotten are kept out, taken out of everything that is stored, and a
//! certificate says so. Their IDs are in the request in the lake, and in no message.

mod begin;
mod certify;
mod clean;
mod remove;
mod survey;
mod tombstones;

pub use begin::{begin_erasure, runs_before};
pub use certify::certify_erasure;
pub use remove::remove_customers;
pub use survey::{Cleaning, Found, survey};
pub use tombstones::Sieve;
