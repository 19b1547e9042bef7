//! Why something of the lake cannot be shown.

use std::sync::Arc;

use lake::{Lake, LakeError, RemoteErrorKind};
use protocol::{ErrorNumber, RunId};

/// Why something of the lake cannot be shown. Cheap to clone: a request keeps it until its page is made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DataError {
    /// There is no `published.json`.
    #[error("nothing is published in {lake}; start a run: spanishgas run --mode train")]
    NothingPublished {
        /// The lake, as it shows itself.
        lake: String,
    },
    /// The lake itself is not there: its folder, the disk below it, or its bucket.
    #[error(
        "the lake cannot be read: {lake}: {problem}; bring it back to its place, or start the dashboard with the lake that \
         is meant (--lake)"
    )]
    LakeGone {
        /// The lake, as it shows itself.
        lake: String,
        /// What the system said.
        problem: String,
    },
    /// No record of that run.
    #[error("run {run} is not on record; spanishgas runs lists those that are")]
    UnknownRun {
        /// What was asked for.
        run: String,
    },
    /// The run came to no such result.
    #[error("run {run} made no {table}: it ended before, or its mode makes none")]
    NotMade {
        /// The run.
        run: RunId,
        /// The table.
        table: String,
    },
    /// It was made, and was deleted since.
    #[error(
        "{key} of run {run} was deleted (spanishgas gc deletes what nothing reaches); run again to have it made again"
    )]
    Gone {
        /// The run.
        run: RunId,
        /// What is gone.
        key: String,
        /// What is still there of the run's results.
        left: Vec<String>,
    },
    /// The lake could not be read, or holds something else than it should.
    #[error("{0}")]
    Lake(Arc<lake::Error>),
    /// A table has not the columns that the page is made of.
    #[error("could not {doing}: {problem}")]
    Table {
        /// The verb and the table.
        doing: &'static str,
        /// What Polars said.
        problem: String,
    },
    /// A bug of ours: a task ended without a result.
    #[error("{doing} ended without a result: {problem}")]
    TaskLost {
        /// What was running.
        doing: &'static str,
        /// What the runtime said.
        problem: String,
    },
}

impl DataError {
    /// The number in the list of errors, where it has one.
    pub fn number(&self) -> Option<ErrorNumber> {
        match self {
            Self::Lake(error) => Some(error.number()),
            Self::LakeGone { .. } => Some(ErrorNumber::LakeUnreachable),
            Self::Gone { .. } => Some(ErrorNumber::MissingObject),
            Self::TaskLost { .. } => Some(ErrorNumber::TaskLost),
            Self::NothingPublished { .. } | Self::UnknownRun { .. } | Self::NotMade { .. } | Self::Table { .. } => None,
        }
    }

    /// Whether something is there, and is not what it must be.
    pub fn is_unreadable(&self) -> bool {
        self.unreadable_key().is_some()
    }

    /// The key of what is there and is not what it must be: torn JSON, a table that is cut.
    pub fn unreadable_key(&self) -> Option<&str> {
        let Self::Lake(error) = self else { return None };
        let lake::Error::Lake(error) = &**error else { return None };
        match error {
            LakeError::Unreadable { key, .. }
            | LakeError::TableDamaged { key, .. }
            | LakeError::Damaged { key, .. } => Some(key),
            _ => None,
        }
    }

    /// What was found, for a page that shows other things beside it; of a table that was deleted nothing, and `gone` says
    /// so.
    pub fn or_note<T>(found: Result<T, Self>, gone: &mut Option<Self>) -> Result<Option<T>, Self> {
        match found {
            Err(error @ Self::Gone { .. }) => {
                *gone = Some(error);
                Ok(None)
            }
            found => found.map(Some),
        }
    }

    /// That a lake is not there.
    pub fn lake_gone(lake: &Lake, error: &LakeError) -> Self {
        let problem = match error {
            LakeError::Io { source, .. } | LakeError::Unusable { source, .. } => source.to_string(),
            other => other.to_string(),
        };
        Self::LakeGone { lake: lake.to_string(), problem }
    }

    /// What Polars said while the page did something.
    pub fn table(doing: &'static str) -> impl Fn(polars::prelude::PolarsError) -> Self {
        move |error| Self::Table { doing, problem: error.to_string() }
    }
}

impl From<lake::Error> for DataError {
    fn from(error: lake::Error) -> Self {
        // An object that is not there is none; it is the bucket that is missing.
        if let lake::Error::Lake(LakeError::Remote(remote)) = &error
            && (remote.service, remote.kind) == ("s3", RemoteErrorKind::Missing)
        {
            return Self::LakeGone { lake: remote.target.clone(), problem: remote.said.clone() };
        }
        Self::Lake(Arc::new(error))
    }
}

impl From<LakeError> for DataError {
    fn from(error: LakeError) -> Self {
        lake::Error::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use lake::RemoteError;
    use protocol::Digest;

    use super::*;

    #[test]
    fn a_cut_table_is_unreadable_as_torn_json_is_and_a_missing_one_is_not() {
        let key = || "scored/scores/0/scores.parquet".to_owned();
        let cut = LakeError::TableDamaged { key: key(), expected: Digest::of(b"whole"), found: "0".to_owned() };
        let torn = LakeError::Unreadable { key: key(), expected: "JSON", problem: "it ends".to_owned() };
        for error in [cut, torn] {
            assert_eq!(DataError::from(error).unreadable_key(), Some(key().as_str()));
        }
        let missing = LakeError::Missing { key: key(), lake: "folder".to_owned() };
        assert!(!DataError::from(missing).is_unreadable());
    }

    #[test]
    fn a_bucket_that_is_not_there_is_a_lake_that_is_gone_and_one_that_is_slow_is_not() {
        let said = |kind| {
            let remote = RemoteError {
                service: "s3",
                operation: "GetObject",
                target: "s3://lake/published.json".to_owned(),
                kind,
                said: "NoSuchBucket".to_owned(),
            };
            DataError::from(LakeError::from(remote))
        };
        let gone = said(RemoteErrorKind::Missing);
        assert!(gone.to_string().starts_with("the lake cannot be read: s3://lake/"), "{gone}");
        assert!(matches!(gone, DataError::LakeGone { .. }));
        assert!(matches!(said(RemoteErrorKind::Unavailable), DataError::Lake(_)));
    }
}
