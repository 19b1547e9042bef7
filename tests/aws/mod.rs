//! The promises of the `aws` profile, kept against emulators that nobody here wrote; and what the parts of
//! the outside world that are ours promise to these tests.

mod commands;
mod faults;
mod harness;
mod interruptions;
mod lake_faults;
mod permissions;
mod site;
mod subscribers;
mod training;
mod training_job;
mod whole_run;
