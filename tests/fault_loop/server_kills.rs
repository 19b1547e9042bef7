//! The Temporal server is lost (SIGKILL) in mid-run and comes back on its database; the worker waits.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::Extent;
use super::chance::Chance;
use super::ground::{A_DISTURBED_RUN, Ground, Refusal};
use super::report::{Case, Ending};
use super::undisturbed::Undisturbed;
use support::TestServer;
use support::eventually::let_pass;
use support::home::folder;
use support::processes::processes_with;
use support::server::free_ports;

/// One server and one run each.
pub fn cases(extent: Extent) -> Vec<Case> {
    (1..=extent.choose(1, 5)).map(|time| Case::new("server killed", time.to_string(), lose_server)).collect()
}

fn lose_server(undisturbed: &Undisturbed, chance: &mut Chance) -> Ending {
    let state = folder("state");
    let ports = free_ports();
    let server = TestServer::with_database(state.path(), ports);
    let ground = Ground::at(server.address());
    let before = ground.pointers();
    let worker = ground.worker();
    let run = ground.start();
    let_pass(chance.within(undisturbed.time()));
    let database = state.path().join("temporal.db");
    for pid in processes_with(database.to_str().expect("a UTF-8 path")) {
        kill(Pid::from_raw(pid.cast_signed()), Signal::SIGKILL).expect("our own server can be killed");
    }
    server.ended();
    let _server = TestServer::with_database(state.path(), ports);
    let end = run.end(A_DISTURBED_RUN);
    let ending = ground.judge(end, &before, &undisturbed.contents, Refusal::Never);
    ground.leave(vec![worker], ending)
}
