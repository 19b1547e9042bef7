//! Every failure there can be, one line each: its number, and whether it is tried again. A new
//! kind of failure does not compile, or does not pass, before somebody has decided that for it.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use churn::label::{LabelDates, LabelSettings};
use churn::{Error as ChurnError, Kind, SnapshotDate};
use lake::{Key, LakeError};
use lake::{RemoteError, RemoteErrorKind};
use protocol::Digest;
use protocol::steps::MissingOutput;
use temporalio_sdk::activities::ActivityError;

use crate::error::Error;

/// The name of each variant by a match without a way around, and the list of all of them.
macro_rules! variants {
    ($name:ident, $all:ident, $of:ident { $($variant:ident),+ $(,)? }) => {
        fn $name(error: &$of) -> &'static str {
            match error {
                $($of::$variant { .. } => stringify!($variant),)+
            }
        }
        const $all: &[&str] = &[$(stringify!($variant)),+];
    };
}

variants!(
    outer,
    OUTER,
    Error {
        Churn,
        Lake,
        Remote,
        MissingOutput,
        TrainingFailed,
        TrainingInterrupted,
        TrainingStopped,
        NoProgress,
        PoisonedInput,
        NotPromotable,
        NotChangeable,
        OtherChampion,
        UntrustedModel,
        BudgetReached,
        OtherLake,
        OtherData,
        LabelMisfit,
        ErasedCustomers,
        OtherErasure,
        WithoutNames,
        OtherSettings,
        TaskLost,
    }
);
variants!(of_churn, OF_CHURN, ChurnError { Data, Contract, Settings, File, Table, Model, Cancelled });
variants!(
    of_lake,
    OF_LAKE,
    LakeError { Missing, Conflict, Io, Unusable, UnsafeKey, InputChanged, TableDamaged, Remote, Damaged, Unreadable }
);
variants!(
    of_remote,
    OF_REMOTE,
    RemoteErrorKind {
        Unavailable,
        CredentialsExpired,
        CredentialsRefused,
        Denied,
        Missing,
        Quota,
        Refused,
        WrongRegion
    }
);

/// Where an error stands, for example `Lake::Remote::Denied`.
fn place(error: &Error) -> String {
    match error {
        Error::Churn(inner) => format!("Churn::{}", of_churn(inner)),
        Error::Lake(LakeError::Remote(inner)) => format!("Lake::Remote::{}", of_remote(&inner.kind)),
        Error::Lake(inner) => format!("Lake::{}", of_lake(inner)),
        Error::Remote(inner) => format!("Remote::{}", of_remote(&inner.kind)),
        other => outer(other).to_owned(),
    }
}

/// Every place there is.
fn all_places() -> BTreeSet<String> {
    let below = |prefix: &str, names: &[&str]| names.iter().map(|name| format!("{prefix}{name}")).collect::<Vec<_>>();
    let nested = ["Churn", "Lake", "Remote"];
    let own = OUTER.iter().filter(|name| !nested.contains(name)).map(|name| (*name).to_owned());
    let lake = below("Lake::", OF_LAKE).into_iter().filter(|name| name != "Lake::Remote");
    own.chain(below("Churn::", OF_CHURN))
        .chain(lake)
        .chain(below("Lake::Remote::", OF_REMOTE))
        .chain(below("Remote::", OF_REMOTE))
        .collect()
}

fn file(kind: io::ErrorKind) -> Error {
    ChurnError::file("read", Path::new("table.parquet"))(kind.into()).into()
}

fn io_of_lake(kind: io::ErrorKind) -> Error {
    LakeError::io("write", "gold/x", "folder lake".to_owned(), kind.into()).into()
}

fn text() -> String {
    "text".to_owned()
}

fn digest() -> Digest {
    Digest::of(b"text")
}

fn label_misfit() -> Error {
    let day = |text| SnapshotDate::parse(text).unwrap();
    let label = LabelDates::of(None, &LabelSettings::default(), day("2024-12-31"));
    Error::LabelMisfit { as_of: day("2025-03-31"), label, days: 90, tolerance_days: 31 }
}

fn remote(kind: RemoteErrorKind) -> RemoteError {
    RemoteError { service: "s3", operation: "GetObject", target: text(), kind, said: text() }
}

/// Every failure with its number and what is done about it.
async fn table() -> Vec<(Error, &'static str, Kind)> {
    use Kind::{Permanent, Retry};

    let panicked = tokio::spawn(async { assert!(std::hint::black_box(false), "a bug") }).await.unwrap_err();
    let cut_off = tokio::spawn(std::future::pending::<()>());
    cut_off.abort();
    let cut_off = cut_off.await.unwrap_err();

    let of_polars = polars::error::PolarsError::NoData("text".into());
    let mut table = vec![
        (ChurnError::data("churn_label.csv", None, None, "text").into(), "SG0001 BadData", Permanent),
        (ChurnError::Contract { table: text(), findings: vec![] }.into(), "SG0002 ContractViolation", Permanent),
        (ChurnError::settings("model.yaml", "text").into(), "SG0003 UnusableSettings", Permanent),
        (file(io::ErrorKind::NotFound), "SG0004 FileTrouble", Permanent),
        (file(io::ErrorKind::PermissionDenied), "SG0004 FileTrouble", Permanent),
        (file(io::ErrorKind::NotADirectory), "SG0004 FileTrouble", Permanent),
        (file(io::ErrorKind::IsADirectory), "SG0004 FileTrouble", Permanent),
        (file(io::ErrorKind::ReadOnlyFilesystem), "SG0004 FileTrouble", Permanent),
        (file(io::ErrorKind::InvalidFilename), "SG0004 FileTrouble", Permanent),
        (file(io::ErrorKind::StorageFull), "SG0004 FileTrouble", Retry),
        (file(io::ErrorKind::TimedOut), "SG0004 FileTrouble", Retry),
        (file(io::ErrorKind::Other), "SG0004 FileTrouble", Retry),
        (ChurnError::table("join")(of_polars).into(), "SG0005 TableOperation", Permanent),
        (ChurnError::model("load", "text").into(), "SG0006 ModelTrouble", Permanent),
        (ChurnError::Cancelled.into(), "SG0007 Stopped", Retry),
        (LakeError::Missing { key: text(), lake: text() }.into(), "SG0008 MissingObject", Permanent),
        (MissingOutput { table: text() }.into(), "SG0008 MissingObject", Permanent),
        (LakeError::Conflict { key: text() }.into(), "SG0009 PointerMoved", Retry),
        (io_of_lake(io::ErrorKind::StorageFull), "SG0010 LakeUnreachable", Retry),
        (io_of_lake(io::ErrorKind::TimedOut), "SG0010 LakeUnreachable", Retry),
        (io_of_lake(io::ErrorKind::Other), "SG0010 LakeUnreachable", Retry),
        (io_of_lake(io::ErrorKind::Interrupted), "SG0010 LakeUnreachable", Retry),
        (io_of_lake(io::ErrorKind::ConnectionReset), "SG0010 LakeUnreachable", Retry),
        (io_of_lake(io::ErrorKind::StaleNetworkFileHandle), "SG0010 LakeUnreachable", Retry),
        (io_of_lake(io::ErrorKind::NotFound), "SG0010 LakeUnreachable", Retry),
        (
            LakeError::Unreadable { key: text(), expected: "JSON", problem: text() }.into(),
            "SG0011 UnreadableObject",
            Permanent,
        ),
        (Error::TrainingFailed { job: text(), reason: text() }, "SG0012 TrainingFailed", Permanent),
        (Error::TrainingInterrupted { job: text(), reason: text() }, "SG0013 TrainingInterrupted", Retry),
        (Error::TaskLost { doing: "a test", source: panicked }, "SG0014 TaskLost", Permanent),
        (Error::TaskLost { doing: "a test", source: cut_off }, "SG0014 TaskLost", Retry),
        (Error::OtherLake { wanted: text(), found: text(), lake: text() }, "SG0030 OtherLake", Permanent),
        (Error::OtherData { wanted: text(), found: text() }, "SG0031 OtherData", Permanent),
        (label_misfit(), "SG0046 LabelMisfit", Permanent),
        (Error::OtherSettings { wanted: text(), found: text() }, "SG0041 OtherSettings", Permanent),
        (LakeError::Damaged { key: text(), lake: text() }.into(), "SG0025 DamagedObject", Retry),
        (
            LakeError::InputChanged { key: text(), expected: digest(), found: text() }.into(),
            "SG0028 InputChanged",
            Permanent,
        ),
        (
            LakeError::TableDamaged { key: text(), expected: digest(), found: text() }.into(),
            "SG0029 TableDamaged",
            Permanent,
        ),
        (LakeError::from(Key::parse("..").unwrap_err()).into(), "SG0035 UnsafeKey", Permanent),
        (Error::TrainingStopped { job: text(), reason: text() }, "SG0026 TrainingStopped", Permanent),
        (Error::NoProgress { job: text(), silent_secs: 1800, attempt: 2 }, "SG0034 NoProgress", Retry),
        (Error::NoProgress { job: text(), silent_secs: 1800, attempt: 3 }, "SG0034 NoProgress", Permanent),
        (Error::PoisonedInput { reads: text(), deaths: 2 }, "SG0036 PoisonedInput", Permanent),
        (Error::NotPromotable { version: text(), reason: text() }, "SG0027 NotPromotable", Permanent),
        (
            Error::NotChangeable { action: "withdraw", version: text(), reason: text() },
            "SG0027 NotPromotable",
            Permanent,
        ),
        (Error::OtherChampion { expected: text(), found: text() }, "SG0043 OtherChampion", Permanent),
        (Error::UntrustedModel { version: text(), problem: text() }, "SG0042 UntrustedModel", Permanent),
        (Error::BudgetReached { job: text(), spent: text(), setting: text() }, "SG0037 BudgetReached", Permanent),
    ];
    let for_people = [
        io::ErrorKind::PermissionDenied,
        io::ErrorKind::ReadOnlyFilesystem,
        io::ErrorKind::NotADirectory,
        io::ErrorKind::IsADirectory,
        io::ErrorKind::AlreadyExists,
        io::ErrorKind::InvalidFilename,
        io::ErrorKind::InvalidInput,
        io::ErrorKind::CrossesDevices,
    ];
    table.extend(for_people.map(|kind| (io_of_lake(kind), "SG0038 LakeUnusable", Permanent)));
    let remotes = [
        (RemoteErrorKind::Unavailable, "SG0018 ServiceUnavailable", Retry),
        (RemoteErrorKind::CredentialsExpired, "SG0019 CredentialsExpired", Retry),
        (RemoteErrorKind::CredentialsRefused, "SG0020 CredentialsRefused", Permanent),
        (RemoteErrorKind::Denied, "SG0021 AccessDenied", Permanent),
        (RemoteErrorKind::Missing, "SG0022 MissingResource", Permanent),
        (RemoteErrorKind::Quota, "SG0023 QuotaReached", Permanent),
        (RemoteErrorKind::Refused, "SG0024 RequestRefused", Permanent),
        (RemoteErrorKind::WrongRegion, "SG0039 WrongRegion", Permanent),
    ];
    for (trouble, type_name, kind) in remotes {
        table.push((remote(trouble).into(), type_name, kind));
        table.push((LakeError::from(remote(trouble)).into(), type_name, kind));
    }
    table.extend(of_erasures());
    table
}

/// Those of an erasure.
fn of_erasures() -> [(Error, &'static str, Kind); 3] {
    let said = Error::WithoutNames { said: text(), number: protocol::ErrorNumber::BadData, kind: Kind::Permanent };
    [
        (Error::OtherErasure { request: protocol::erasure::RequestId::of(7) }, "SG0009 PointerMoved", Kind::Retry),
        (said, "SG0001 BadData", Kind::Permanent),
        (Error::ErasedCustomers { key: text(), rows: 1 }, "SG0001 BadData", Kind::Permanent),
    ]
}

#[tokio::test]
async fn every_failure_has_its_line() {
    let lines: BTreeSet<_> = table().await.iter().map(|(error, ..)| place(error)).collect();
    assert_eq!(lines, all_places());
}

#[tokio::test]
async fn every_failure_has_its_number_and_is_tried_again_or_not() {
    for (error, type_name, kind) in table().await {
        assert_eq!((error.type_name(), error.kind()), (type_name, kind), "{error}");
    }
}

/// A number that says `yes` or `no` says it for all its failures, and one that depends has both or is special.
#[tokio::test]
async fn the_table_of_numbers_says_what_the_errors_do() {
    for (error, _, kind) in table().await {
        if let Some(promised) = error.number().kind() {
            assert_eq!(promised, kind, "{error}");
        }
    }
}

#[tokio::test]
async fn temporal_sees_the_number_and_retries_by_the_table() {
    for (error, type_name, kind) in table().await {
        let message = error.to_string();
        match error.into_failure() {
            ActivityError::Application(failure) => {
                let seen = (failure.type_name(), failure.is_non_retryable());
                assert_eq!(seen, (Some(type_name), kind == Kind::Permanent), "{message}");
                assert_eq!(failure.source_error().to_string(), message);
            }
            other => assert_eq!(type_name, "SG0007 Stopped", "{other:?}"),
        }
    }
}

/// What people read of every failure: its number, what becomes of the step, and the message.
#[tokio::test]
async fn every_failure_has_its_words() {
    let mut lines: Vec<_> = table().await.iter().map(in_words).collect();
    lines.sort();
    insta::assert_snapshot!("every_failure", lines.join("\n\n"));
}

fn in_words((error, type_name, kind): &(Error, &'static str, Kind)) -> String {
    let decision = match kind {
        Kind::Retry => "tried again",
        Kind::Permanent => "not tried again",
    };
    // A task's number differs from run to run.
    let task = regex::Regex::new("task [0-9]+").unwrap();
    let message = error.to_string();
    format!("{type_name}, {decision}: {}\n{}", place(error), task.replace_all(&message, "task N"))
}
