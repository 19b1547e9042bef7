//! What the end-to-end tests stand on: one real Temporal server for the whole test binary, the
//! `spanishgas` program, the Temporal CLI, AWS emulators, small data, and waiting for a condition without sleeping
//! for luck.

#![expect(clippy::disallowed_methods, reason = "tests wait, measure, and start programs with an environment")]

#[cfg(feature = "aws")]
pub mod aws;
pub mod eventually;
pub mod history;
pub mod home;
pub mod lake;
pub mod page;
pub mod people;
pub mod ports;
pub mod processes;
pub mod program;
pub mod published;
pub mod server;
pub mod settings;
pub mod site;
pub mod supervised;
pub mod versions;
pub mod wrong_clock;

pub use eventually::eventually;
pub use program::{Finished, Worker, spanishgas, spanishgas_with};
pub use published::{Published, text, version};
pub use server::TestServer;
pub use settings::{Drift, LENIENT, STRICT, Settings};
pub use site::{A_RUN, Site, new_name};
