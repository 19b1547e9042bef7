//! Why the dashboard does not start: nobody would check who asks, or a secret is none.

use std::net::SocketAddr;

use protocol::ErrorNumber;

use crate::secret::SecretError;

/// The result of what is looked at before the dashboard listens.
pub type Result<T> = std::result::Result<T, AccessError>;

/// Why the settings of access cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Whoever reaches the address would see every customer.
    #[error(
        "the dashboard would listen at {listen} for everybody who reaches it; give --viewer-token and --operator-token \
         (files of 32 random bytes or more: openssl rand -hex 32), the load balancer that signs people in (--oidc-signer), or listen \
         at 127.0.0.1"
    )]
    Unguarded {
        /// Where it would listen.
        listen: SocketAddr,
    },
    /// A token or a key cannot be had, or cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A setting is missing or contradicts another one.
    #[error("the dashboard's setting {setting} cannot be used: {problem}")]
    Setting {
        /// Which.
        setting: &'static str,
        /// What is wrong, and what to do.
        problem: String,
    },
}

impl AccessError {
    /// Its number.
    pub fn number(&self) -> ErrorNumber {
        match self {
            Self::Unguarded { .. } => ErrorNumber::UnguardedDashboard,
            Self::Secret(error) => error.number(),
            Self::Setting { .. } => ErrorNumber::UnusableSettings,
        }
    }
}
