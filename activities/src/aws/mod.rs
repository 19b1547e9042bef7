//! What all AWS adapters share: settings, clients, the log of calls, and what an error means.

mod arn;
mod call_log;
mod checks;
mod clients;
mod reach;
pub mod settings;
mod trouble;

pub use checks::region_problems;
pub use clients::{Clients, connect, describe_identity};
pub use reach::{Looked, reach};
pub use settings::AwsSettings;
pub(crate) use trouble::{cause, code, explain, explain_body};
