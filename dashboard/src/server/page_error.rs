//! Why a page cannot be shown, and what the browser is told.

use axum::http::StatusCode;
use protocol::ErrorNumber;

use crate::data::DataError;

/// Why a page cannot be shown. The other pages go on.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PageError {
    /// There is no such page, or no such thing on it.
    #[error("there is no {what} at this address")]
    NotFound {
        /// What was looked for: `page`, `customer`, `model`.
        what: &'static str,
    },
    /// What the form sent cannot be done as it is.
    #[error("{problem}")]
    Refused {
        /// What is wrong, and what to do, in the reader's language.
        problem: String,
    },
    /// The lake does not give what the page is made of.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The Temporal server does not answer, and the page is nothing without it.
    #[error("the Temporal server does not answer: {reason}; what is in the lake is on the other pages")]
    Temporal {
        /// What it said.
        reason: String,
    },
    /// A bug of ours.
    #[error("could not {doing}: {problem}; the log has more")]
    Broken {
        /// The verb.
        doing: &'static str,
        /// What went wrong.
        problem: String,
    },
}

impl PageError {
    /// What the browser is told. A lake in which nothing is published yet is as it should be.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound { .. } | Self::Data(DataError::UnknownRun { .. } | DataError::NotMade { .. }) => {
                StatusCode::NOT_FOUND
            }
            Self::Refused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Data(DataError::NothingPublished { .. }) => StatusCode::OK,
            Self::Data(DataError::Gone { .. }) => StatusCode::GONE,
            Self::Data(DataError::Lake(_) | DataError::LakeGone { .. }) | Self::Temporal { .. } => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Data(DataError::Table { .. } | DataError::TaskLost { .. }) | Self::Broken { .. } => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// The number in the list of errors, where it has one.
    pub fn number(&self) -> Option<ErrorNumber> {
        match self {
            Self::Data(error) => error.number(),
            Self::Temporal { .. } | Self::NotFound { .. } | Self::Refused { .. } | Self::Broken { .. } => None,
        }
    }

    /// Whether the log must know: what only the address is wrong about is nobody's trouble.
    pub fn is_trouble(&self) -> bool {
        self.status().is_server_error()
    }
}

impl From<polars::prelude::PolarsError> for PageError {
    fn from(error: polars::prelude::PolarsError) -> Self {
        Self::Data(DataError::table("compute a page")(error))
    }
}
