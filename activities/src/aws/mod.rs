//! What the AWS adapters share: the settings and the clients.

mod arn;
mod checks;
mod clients;
mod reach;
pub mod settings;
mod settings_file;

pub use checks::region_problems;
pub use clients::Clients;
pub use lake::aws::{connect, describe_identity};
pub use reach::{Looked, reach};
pub use settings::AwsSettings;
