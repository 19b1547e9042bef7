//! What can go wrong with the lake, and whether trying again helps.

use churn::Kind;
use protocol::{Digest, ErrorNumber, UnsafeKey};

use crate::os_error;
use crate::remote::{RemoteError, RemoteErrorKind};

/// The result of what reads or makes files besides objects.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an object was not read, compared, made or stored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A local file or a table.
    #[error(transparent)]
    Churn(#[from] churn::Error),
    /// The lake.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A bug of ours: a task ended without a result.
    #[error("{doing} ended without a result: {source}")]
    TaskLost {
        /// What was running.
        doing: &'static str,
        /// What the runtime said.
        source: tokio::task::JoinError,
    },
}

/// Why the lake did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The object must exist and does not.
    #[error("{key} is not in {lake}; write it first, or correct the key")]
    Missing {
        /// The object's key.
        key: String,
        /// The lake, as it shows itself.
        lake: String,
    },
    /// A conditional write lost: somebody else wrote in between.
    #[error("{key} was changed by somebody else while this run prepared its own version; run again")]
    Conflict {
        /// The object's key.
        key: String,
    },
    /// The storage could not be reached or refused the operation.
    #[error("could not {doing} {key} in {lake}: {source}")]
    Io {
        /// The verb.
        doing: &'static str,
        /// The object's key.
        key: String,
        /// The lake, as it shows itself.
        lake: String,
        /// What the storage said.
        source: std::io::Error,
    },
    /// The storage refuses the operation until a person does something.
    #[error("could not {doing} {key} in {lake}: {source}; {remedy}; then start the run again")]
    Unusable {
        /// The verb.
        doing: &'static str,
        /// The object's key.
        key: String,
        /// The lake, as it shows itself.
        lake: String,
        /// What the storage said.
        source: std::io::Error,
        /// What to do.
        remedy: &'static str,
    },
    /// A text that is no key was to become a path.
    #[error("{0}; rename the object, or correct the key, and start again")]
    UnsafeKey(#[from] UnsafeKey),
    /// A raw file is not the one that the run began with.
    #[error(
        "{key} has changed since the snapshot of this run (expected SHA-256 {expected}, found {found}); nothing was made of the new content; start again: a run of its own takes the files as they are now"
    )]
    InputChanged {
        /// The file's key.
        key: String,
        /// The digest in the snapshot.
        expected: Digest,
        /// What is there now.
        found: String,
    },
    /// An object that the pipeline wrote has changed, which it never does by itself.
    #[error(
        "{key} is damaged (expected SHA-256 {expected}, found {found}); start again: a damaged table is made again; a model that is not is trained again with `force`, or restored"
    )]
    TableDamaged {
        /// The object's key.
        key: String,
        /// The digest of what was written.
        expected: Digest,
        /// What is there now.
        found: String,
    },
    /// A service on the other side of the network did not do it.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The object's content is not what its digest says, on the way or at rest.
    #[error(
        "{key} in {lake} arrived with other content than its digest says; it is loaded again; if that stays so, restore it"
    )]
    Damaged {
        /// The object's key.
        key: String,
        /// The lake, as it shows itself.
        lake: String,
    },
    /// The object is there and is not what it must be.
    #[error(
        "{key} is not readable as {expected}: {problem}; restore it (docs/errors/SG0011.md says what may be deleted instead)"
    )]
    Unreadable {
        /// The object's key.
        key: String,
        /// What was expected.
        expected: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl Error {
    /// Its number.
    pub fn number(&self) -> ErrorNumber {
        match self {
            Self::Churn(error) => ErrorNumber::of_computation(error),
            Self::Lake(error) => error.number(),
            Self::TaskLost { .. } => ErrorNumber::TaskLost,
        }
    }
}

impl LakeError {
    /// Its number.
    pub fn number(&self) -> ErrorNumber {
        match self {
            Self::Missing { .. } => ErrorNumber::MissingObject,
            Self::Conflict { .. } => ErrorNumber::PointerMoved,
            Self::Io { .. } => ErrorNumber::LakeUnreachable,
            Self::Unusable { .. } => ErrorNumber::LakeUnusable,
            Self::UnsafeKey(_) => ErrorNumber::UnsafeKey,
            Self::InputChanged { .. } => ErrorNumber::InputChanged,
            Self::TableDamaged { .. } => ErrorNumber::TableDamaged,
            Self::Remote(error) => error.kind.number(),
            Self::Damaged { .. } => ErrorNumber::DamagedObject,
            Self::Unreadable { .. } => ErrorNumber::UnreadableObject,
        }
    }

    /// Whether the same call may succeed when it is made again. A damaged table must be made again first.
    pub fn kind(&self) -> Kind {
        self.number().kind().unwrap_or(Kind::Permanent)
    }

    /// What the operating system said, told apart by what mends it: time or a person.
    pub fn io(doing: &'static str, key: &str, lake: String, source: std::io::Error) -> Self {
        let key = key.to_owned();
        match os_error::remedy(&source) {
            Some(remedy) => Self::Unusable { doing, key, lake, source, remedy },
            None => Self::Io { doing, key, lake, source },
        }
    }

    /// Whether the content was lost on the way, so that reading it once more may bring it.
    #[cfg_attr(not(feature = "s3"), expect(dead_code, reason = "a folder has no way to lose it on"))]
    pub(crate) fn broke_on_the_way(&self) -> bool {
        match self {
            Self::Remote(error) => error.kind == RemoteErrorKind::Unavailable,
            Self::Damaged { .. } => true,
            _ => false,
        }
    }
}
