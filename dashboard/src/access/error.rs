//! Why the dashboard does not start: nobody would check who asks, or a secret is none.

use std::net::SocketAddr;
use std::path::PathBuf;

use protocol::ErrorNumber;

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
    /// A file with a token or a key cannot be read or made.
    #[error("could not read {what} in {}: {source}; give a file that the dashboard may read", .path.display())]
    File {
        /// What it should hold.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file holds something that can be guessed, or that does not tell two roles apart.
    #[error("{what} in {} cannot be used: {problem}", .path.display())]
    Secret {
        /// What it should hold.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What is wrong, and what to do; nothing of the secret itself.
        problem: &'static str,
    },
    /// A setting is missing or contradicts another one.
    #[error("the dashboard's setting {setting} cannot be used: {problem}")]
    Setting {
        /// Which.
        setting: &'static str,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The system gives no random bytes.
    #[error("the operating system gives no random bytes for the dashboard's keys; look at its random device")]
    NoRandomness,
}

impl AccessError {
    /// Its number.
    pub fn number(&self) -> ErrorNumber {
        match self {
            Self::Unguarded { .. } => ErrorNumber::UnguardedDashboard,
            Self::Secret { .. } => ErrorNumber::WeakSecret,
            Self::File { .. } | Self::NoRandomness => ErrorNumber::FileTrouble,
            Self::Setting { .. } => ErrorNumber::UnusableSettings,
        }
    }
}
