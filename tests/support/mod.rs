//! What the end-to-end tests stand on: one real Temporal server for the whole test binary, the
//! `spanishgas` program, the Temporal CLI, and waiting for a condition without sleeping for luck.

pub mod eventually;
pub mod program;
pub mod server;
pub mod supervised;

pub use eventually::eventually;
pub use program::{Finished, Worker, spanishgas};
pub use server::TestServer;
