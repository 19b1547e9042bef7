//! Two dev servers never share one database: the second says who has the folder, and the first goes on. A
//! server that was killed frees it.

use std::path::Path;
use std::time::Duration;

use support::home::folder;
use support::program::program;
use support::server::free_ports;
use support::supervised::Supervised;
use support::{TestServer, spanishgas};

#[test]
fn the_second_is_refused_and_a_killed_one_frees_the_folder() {
    let lake = folder("lake");
    let state = lake.path().join(".temporal");
    std::fs::create_dir(&state).expect("a folder");
    let [lake, state] = [lake.path(), &state].map(|path| path.to_str().expect("a UTF-8 path"));
    let first = TestServer::with_database(Path::new(state), free_ports());

    let [port, ui_port] = free_ports::<2>().map(|port| port.to_string());
    let second = spanishgas(None, &["dev-server", "--state", state, "--port", &port, "--ui-port", &ui_port]);
    let demo = spanishgas(None, &["demo", "--lake", lake, "--no-generate"]);
    for refused in [second, demo] {
        assert_eq!(refused.code, Some(1), "{refused:#?}");
        assert!(refused.stderr.contains("another Temporal dev server is at work in"), "{refused:#?}");
        assert!(refused.stderr.contains(&format!("process {}", first.pid())), "{refused:#?}");
    }
    first.temporal(&["operator", "namespace", "describe", "default"]);

    first.kill();
    let [port, ui_port] = free_ports::<2>().map(|port| port.to_string());
    let arguments = ["dev-server", "--state", state, "--port", &port, "--ui-port", &ui_port];
    let mut next = Supervised::start(program(), arguments, &[], Path::new(lake).join("next.log"));
    next.await_log("dev server is ready", Duration::from_mins(1));
}
