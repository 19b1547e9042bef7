//! The `aws` profile, kept against emulators.

mod faults;
mod harness;
mod interruptions;
mod subscribers;
mod training_job;
