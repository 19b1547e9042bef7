//! What the champion says of today's customers, and which of it the business reads.

pub mod drift;
pub(in crate::steps) mod held;
mod monitored;
pub mod publication;
pub mod publish;
pub mod recommend;
pub mod score;
