//! Against the Temporal CLI of this machine.

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::Path;

use protocol::search_attributes::ALL;

use super::*;
use crate::search_attributes;
use crate::temporal_cli::{EnvironmentOptions, find};

/// Options for a server in `folder`, with the Temporal CLI of this machine.
fn options(folder: &Path) -> DevServerOptions {
    let variable = std::env::var_os("TEMPORAL_CLI").map(PathBuf::from);
    let path: OsString = std::env::var_os("PATH").unwrap_or_default();
    let places =
        EnvironmentOptions { variable: variable.as_deref(), path: Some(&path), ..EnvironmentOptions::default() };
    DevServerOptions {
        cli: find(&places).unwrap(),
        log_file: folder.join("server.log"),
        database: None,
        grpc_port: None,
        ui_port: None,
        search_attributes: Vec::new(),
    }
}

#[tokio::test]
async fn a_database_file_survives_a_restart_and_a_stopped_server_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let options = DevServerOptions {
        database: Some(folder.path().join("temporal.db")),
        search_attributes: ALL.into(),
        ..options(folder.path())
    };

    let first = DevServer::start(&options).await.unwrap();
    let settings = first.settings().unwrap();
    let client = attempt_once(&settings).await.unwrap();
    search_attributes::ensure(&client).await.unwrap();
    first.stop().await.unwrap();
    assert!(attempt_once(&settings).await.is_err(), "the server must not answer after its stop");

    // Without the flags: what is known now comes from the file.
    let again = DevServerOptions { search_attributes: Vec::new(), ..options };
    let second = DevServer::start(&again).await.unwrap();
    let client = attempt_once(&second.settings().unwrap()).await.unwrap();
    search_attributes::probe(&client).await.unwrap();
    second.stop().await.unwrap();
}

#[tokio::test]
async fn what_a_server_has_answered_survives_its_end_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let options = DevServerOptions { database: Some(folder.path().join("temporal.db")), ..options(folder.path()) };
    let first = DevServer::start(&options).await.unwrap();
    let settings = first.settings().unwrap();
    search_attributes::ensure(&attempt_once(&settings).await.unwrap()).await.unwrap();
    let asked = Instant::now();
    first.end_at_once().await.unwrap();
    assert!(asked.elapsed() < Duration::from_millis(900), "{:?}", asked.elapsed());
    assert!(attempt_once(&settings).await.is_err(), "the server must not answer after its end");

    let second = DevServer::start(&options).await.unwrap();
    search_attributes::probe(&attempt_once(&second.settings().unwrap()).await.unwrap()).await.unwrap();
    second.end_at_once().await.unwrap();
}

#[tokio::test]
async fn missing_search_attributes_are_registered_also_by_two_workers_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = DevServer::start(&options(folder.path())).await.unwrap();
    let client = attempt_once(&server.settings().unwrap()).await.unwrap();

    assert!(search_attributes::probe(&client).await.is_err(), "a new server does not know them");
    let two = tokio::join!(search_attributes::ensure(&client), search_attributes::ensure(&client));
    two.0.and(two.1).unwrap();
    search_attributes::probe(&client).await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn watching_for_the_end_of_a_server_does_not_end_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = DevServer::start(&options(folder.path())).await.unwrap();
    // A server that is told to stop has ended after this time (it takes 1.1 s).
    timeout(Duration::from_secs(3), server.ended()).await.unwrap_err();
    attempt_once(&server.settings().unwrap()).await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_cannot_start_shows_the_end_of_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let options = DevServerOptions { database: Some("/nowhere/temporal.db".into()), ..options(folder.path()) };
    let message = DevServer::start(&options).await.unwrap_err().to_string();
    assert!(message.contains("/nowhere") && message.contains("server.log"), "{message}");
}

#[tokio::test]
async fn a_second_server_in_the_same_folder_is_refused_and_the_first_keeps_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let options = DevServerOptions { database: Some(folder.path().join("temporal.db")), ..options(folder.path()) };
    let first = DevServer::start(&options).await.unwrap();
    std::fs::write(&options.log_file, "a line of the first").unwrap();
    let message = DevServer::start(&options).await.unwrap_err().to_string();
    assert!(message.contains(&format!("process {}", std::process::id())), "{message}");
    assert!(std::fs::read_to_string(&options.log_file).unwrap().starts_with("a line of the first"));
    attempt_once(&first.settings().unwrap()).await.unwrap();
    first.stop().await.unwrap();
    DevServer::start(&options).await.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn a_named_port_that_is_taken_is_named_in_the_error() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let holder = TcpListener::bind(("127.0.0.1", taken)).unwrap();
    let options = DevServerOptions { grpc_port: Some(taken), ..options(folder.path()) };
    let message = DevServer::start(&options).await.unwrap_err().to_string();
    assert!(message.contains(&taken.to_string()), "{message}");
    drop(holder);
}
