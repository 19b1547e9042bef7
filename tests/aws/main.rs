//! The promises of the `aws` profile, kept against emulators that nobody here wrote; and what the parts of
//! the outside world that are ours promise to these tests.

#![expect(clippy::disallowed_methods, reason = "tests wait, measure, and start programs with an environment")]

mod abandoned_job;
mod commands;
mod deleted_meanwhile;
mod erasure;
mod faults;
mod foreign_objects;
mod harness;
mod interruptions;
mod kms;
mod lake_faults;
mod lake_promises;
mod lake_regions;
mod packages;
mod permissions;
mod plan_and_gc;
#[path = "../promises_of_a_lake.rs"]
mod promises_of_a_lake;
mod raw_events;
mod site;
mod subscribers;
mod training;
mod training_job;
mod troubled_lake;
mod waiting;
mod whole_run;
