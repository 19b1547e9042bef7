//! What people look at every morning: pages about the results, the models and the runs.
//!
//! A request is read ([`query`]), gets one look at the pointers ([`data::Snapshot`]), its view is computed by a pure
//! function, and a template says it. Nothing here changes the lake; what people change goes through the workflows.
//! Nothing here reads the environment or the clock: both come from the program.

pub mod access;
pub mod assets;
pub mod chart;
pub mod data;
pub mod export;
pub mod format;
pub mod frame;
pub mod link;
#[cfg(test)]
mod logged;
pub mod pages;
pub mod query;
mod redirect;
pub mod secret;
pub mod server;
pub mod temporal;
#[cfg(test)]
mod test_site;
pub mod words;

pub use server::{Facts, PageError, Parts, Site, Visit, router, serve};
