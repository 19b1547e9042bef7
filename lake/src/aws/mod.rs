//! What all AWS adapters share: how to connect, the log of calls, and what an error means.

mod call_log;
mod connect;
mod explain;

pub use call_log::CallLog;
pub use connect::{CONNECT_TIMEOUT, READ_TIMEOUT, connect, describe_identity};
pub use explain::{cause, code, explain, explain_body};
