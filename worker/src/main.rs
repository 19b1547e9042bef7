//! `spanishgas`: the one binary. Worker, runs, data generator, training entry point, demo.

#![expect(
    clippy::disallowed_methods,
    reason = "here the clock and the environment are read; below, they are arguments"
)]

mod at_work;
mod commands;
mod connect;
mod deployment;
mod dev_server;
mod display;
mod environment;
mod follow;
mod launch;
mod lineage;
mod payloads;
mod pending;
mod pipeline_run;
mod pollers;
mod raw_events;
#[cfg(test)]
mod reference;
mod run_handle;
mod schedules;
mod scratch;
mod search_attributes;
mod summary;
mod temporal_cli;
mod update;
mod worker_process;

use std::os::unix::process::CommandExt;
use std::process::ExitCode;

use clap::Parser;
use commands::Command;

/// Churn prediction for a gas and electricity retailer: a durable pipeline on Temporal.
#[derive(Debug, Parser)]
#[command(name = "spanishgas", version = environment::REVISION, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    if let Err(error) = prepare_c_libraries() {
        eprintln!("spanishgas: could not restart with the settings of the C libraries in its environment: {error}");
        return ExitCode::FAILURE;
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(shown) => return not_a_command(&shown),
    };
    log_to_stderr();
    match commands::run(arguments.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("spanishgas: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The exit code of a command line that cannot be read (`EX_USAGE` of sysexits.h): 2 is the answer of several commands.
const USAGE: u8 = 64;

/// Help, the version, or what is wrong with the command line.
fn not_a_command(shown: &clap::Error) -> ExitCode {
    // Nothing is left to do where nobody can be told.
    let _ = shown.print();
    if shown.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}

/// What the C libraries below us read from the environment before `main`, so that the program has to
/// replace itself once to have it set. An operator's own value stays.
const C_LIBRARIES: [(&str, &str); 4] = [
    // How often XGBoost's threads look again before they sleep. They would spin for milliseconds, which stalls a busy machine;
    // asleep at once after every part of a tree, two of them take longer for a fit than one.
    (SPINS, "2000"),
    // With an arena per thread, memory that one stage has freed is not there for the next.
    ("MALLOC_ARENA_MAX", "2"),
    // Nor is it there for the machine: in bytes, what is a table's own, and what is given back at the end of an arena.
    ("MALLOC_MMAP_THRESHOLD_", "4194304"),
    ("MALLOC_TRIM_THRESHOLD_", "8388608"),
];

const SPINS: &str = "GOMP_SPINCOUNT";
/// The operator's word for the same, which that number would outdo.
const WAITS: &str = "OMP_WAIT_POLICY";

fn prepare_c_libraries() -> std::io::Result<()> {
    let is_set = |name: &str| std::env::var_os(name).is_some();
    let is_decided = |name: &str| is_set(name) || (name == SPINS && is_set(WAITS));
    let missing: Vec<_> = C_LIBRARIES.into_iter().filter(|(name, _)| !is_decided(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let binary = std::env::current_exe()?;
    Err(std::process::Command::new(binary).args(std::env::args_os().skip(1)).envs(missing).exec())
}

fn log_to_stderr() {
    // In an outage the client's own retry lines would bury ours; XGBoost's crate tells every matrix.
    const FILTER: &str = "info,temporalio_client::retry=error,temporalio_sdk_core=warn,xgboost_rs=warn,xgb=warn";
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(FILTER));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(display::on_terminal())
        .with_target(false)
        .init();
}
