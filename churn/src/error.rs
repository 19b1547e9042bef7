//! Everything that can go wrong in a computation, and whether trying again can help.
//!
//! Messages say what was tried, on what, and what to do. They never hold a customer id or the
//! value of a cell: they travel into workflow histories and logs. A row is named by its number.

use std::path::{Path, PathBuf};

use crate::quality::Finding;

/// The result of every fallible function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Whether the same input may succeed when it is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The world may be better in a moment: try again, with back-off.
    Retry,
    /// The input or the settings must change first: stop and tell people.
    Permanent,
}

/// A failed computation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A raw file or a table holds something that its format or grain forbids.
    #[error("{0}")]
    Data(Box<DataError>),
    /// The contract of a table has blocking violations (all of them are listed).
    #[error("{table}: {} blocking contract violation(s): {}; correct the data, or the contract in column_registry.yaml if the data is right", .findings.len(), list(.findings))]
    Contract {
        /// The table that was checked.
        table: String,
        /// Every finding of severity `block`.
        findings: Vec<Finding>,
    },
    /// A setting or a configuration file is unusable.
    #[error("settings: {what}: {problem}")]
    Settings {
        /// The file, section or field.
        what: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A file could not be read or written.
    #[error("could not {doing} {}: {source}", .path.display())]
    File {
        /// The verb: `open`, `read`, `write` ...
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A table operation failed: a column is missing or of another type than the contract says.
    #[error("could not {doing}: {source}")]
    Table {
        /// What was being computed.
        doing: &'static str,
        /// What Polars said.
        source: polars::error::PolarsError,
    },
    /// The model could not be trained, loaded or applied.
    #[error("model: could not {doing}: {problem}")]
    Model {
        /// What was tried.
        doing: &'static str,
        /// What went wrong, and what to do.
        problem: String,
    },
    /// The caller asked to stop; nothing was published.
    #[error("stopped on request")]
    Cancelled,
}

/// Where raw data breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataError {
    /// The file or table.
    pub table: String,
    /// The column, when one is to blame.
    pub column: Option<String>,
    /// The row, row group or key, for example `row 17` (the header is row 1) or `row group 3, row 17`.
    pub place: Option<String>,
    /// The rule that is broken, for example `not a date YYYY-MM-DD`.
    pub rule: String,
}

impl std::fmt::Display for DataError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.table)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        if let Some(place) = &self.place {
            write!(f, ", {place}")?;
        }
        write!(f, ": {}; correct the file and start again", self.rule)
    }
}

impl Error {
    /// A broken rule in `table`.
    pub fn data(
        table: impl Into<String>,
        column: Option<&str>,
        place: Option<String>,
        rule: impl Into<String>,
    ) -> Self {
        let column = column.map(str::to_owned);
        Self::Data(Box::new(DataError { table: table.into(), column, place, rule: rule.into() }))
    }

    /// The same about the file that was delivered under a whole name, where it is about the data of one.
    #[must_use]
    pub fn of_file(self, name: &str) -> Self {
        match self {
            Self::Data(mut problem) => {
                name.clone_into(&mut problem.table);
                Self::Data(problem)
            }
            other => other,
        }
    }

    /// An unusable setting.
    pub fn settings(what: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Settings { what: what.into(), problem: problem.into() }
    }

    /// A model step that failed.
    pub fn model(doing: &'static str, problem: impl std::fmt::Display) -> Self {
        Self::Model { doing, problem: problem.to_string() }
    }

    /// Wraps an operating system error; for `map_err`.
    pub fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }

    /// Wraps a Polars error; for `map_err`.
    pub fn table(doing: &'static str) -> impl FnOnce(polars::error::PolarsError) -> Self {
        move |source| Self::Table { doing, source }
    }

    /// The one place that decides whether a retry can help.
    pub fn kind(&self) -> Kind {
        match self {
            Self::File { source, .. } if waits_for_people(source.kind()) => Kind::Permanent,
            Self::File { .. } | Self::Cancelled => Kind::Retry,
            Self::Data(_) | Self::Contract { .. } | Self::Settings { .. } | Self::Table { .. } | Self::Model { .. } => {
                Kind::Permanent
            }
        }
    }
}

/// What time alone does not mend. A full disk, an interrupted call and a network may be better in a moment.
fn waits_for_people(kind: std::io::ErrorKind) -> bool {
    use std::io::ErrorKind::{
        InvalidFilename, IsADirectory, NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem,
    };
    matches!(kind, NotFound | PermissionDenied | NotADirectory | IsADirectory | ReadOnlyFilesystem | InvalidFilename)
}

fn list(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
