//! The promises of the `aws` profile, kept against emulators that nobody here wrote.

mod commands;
mod lake_faults;
mod permissions;
mod site;
mod training;
mod whole_run;
