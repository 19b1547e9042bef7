//! What all AWS adapters share: settings, clients, the log of calls, and what an error means.

mod call_log;
mod clients;
pub mod settings;
mod trouble;

pub use clients::{Clients, connect, describe_identity};
pub use settings::AwsSettings;
pub(crate) use trouble::{cause, code, explain, explain_body};
