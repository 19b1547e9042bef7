//! The subcommands, one file each.

mod access;
mod alerts;
mod approvals;
mod backfill;
mod backtest;
mod codec_server;
mod config;
mod dashboard;
mod demo;
mod dev_server;
mod diff;
mod erase_customer;
mod explain;
mod export;
mod gc;
mod generate_data;
mod health;
mod ladder;
mod models;
mod operate;
mod pause;
mod plan;
mod rerun;
mod run;
mod runs;
mod schedules;
mod train;
mod trials;
mod worker;

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Subcommand;

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the seven raw files of an invented retailer.
    GenerateData(generate_data::Arguments),
    /// Run the workflows and activities until stopped.
    Worker(worker::Arguments),
    /// Start a pipeline run under its content-derived ID and follow it to its end.
    Run(run::Arguments),
    /// Show what a run would do, and why, without running it.
    Plan(plan::Arguments),
    /// List the runs on record.
    Runs(runs::Arguments),
    /// Say why each stage of a run ran or was skipped, what went in, what came of it and what it cost.
    Explain(explain::Arguments),
    /// Say what differs between two runs, down to how many customers changed their tier.
    Diff(diff::Arguments),
    /// Give a run and its model to a program of others.
    Export(export::Arguments),
    /// Ask the question of a run again: find what is whole, make what is named.
    Rerun(rerun::Arguments),
    /// Run every date of a span that has no result yet.
    Backfill(backfill::Arguments),
    /// Measure how much skill is left so long before the labels look, and at a later date.
    Backtest(backtest::Arguments),
    /// Try every feature set with every algorithm, and rank them.
    Ladder(ladder::Arguments),
    /// List the promotions that wait for a person, and decide.
    Approvals(approvals::Arguments),
    /// Let a run at work wait before its next stage.
    Pause(pause::Pause),
    /// Let a paused run go on.
    Resume(pause::Resume),
    /// List the alerts; keep quiet what people know.
    Alerts(alerts::Arguments),
    /// Delete stored outputs that nothing reaches any more.
    Gc(gc::Arguments),
    /// Take customers out of the lake for good, and keep them out.
    EraseCustomer(erase_customer::Arguments),
    /// Do it all in one process tree: data, server, worker, one run.
    Demo(demo::Arguments),
    /// Run Temporal's development server in the foreground, with the search attributes of the pipeline.
    DevServer(dev_server::Arguments),
    /// Serve the pages about customers, models and runs.
    // Boxed: it has more options than any other.
    Dashboard(Box<dashboard::Arguments>),
    /// Decrypt payloads for the Web UI and the Temporal CLI, where they are encrypted.
    CodecServer(codec_server::Arguments),
    /// Ask whether a part of the system on this host is well: exit code 0 or 1 (the health check of containers).
    Health(health::Arguments),
    /// Check the settings before anything starts.
    Config(config::Arguments),
    /// List the registered models; go back to an earlier champion.
    Models(models::Arguments),
    /// Decide what runs when: nightly, every morning, every few minutes.
    Schedules(schedules::Arguments),
    /// Train a model from a folder laid out by SageMaker's container contract (called by the pipeline).
    Train(train::Arguments),
}

/// Runs one subcommand.
pub fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::GenerateData(arguments) => generate_data::run(&arguments),
        Command::Train(arguments) => Ok(train::run(&arguments)),
        Command::Config(arguments) => block_on(config::run(arguments)),
        Command::CodecServer(arguments) => block_on(codec_server::run(arguments)),
        Command::Dashboard(arguments) => block_on(dashboard::run(*arguments)),
        Command::Health(arguments) => block_on(health::run(arguments)),
        Command::Schedules(arguments) => block_on(schedules::run(arguments)),
        Command::Models(arguments) => block_on(models::run(arguments)),
        Command::Worker(arguments) => block_on(worker::run(arguments)),
        Command::Run(arguments) => block_on(run::run(arguments)),
        Command::Plan(arguments) => block_on(plan::run(arguments)),
        Command::Runs(arguments) => block_on(runs::run(arguments)),
        Command::Explain(arguments) => block_on(explain::run(arguments)),
        Command::Diff(arguments) => block_on(diff::run(arguments)),
        Command::Export(arguments) => block_on(export::run(arguments)),
        Command::Rerun(arguments) => block_on(rerun::run(arguments)),
        Command::Backfill(arguments) => block_on(backfill::run(arguments)),
        Command::Backtest(arguments) => block_on(backtest::run(arguments)),
        Command::Ladder(arguments) => block_on(ladder::run(arguments)),
        Command::Approvals(arguments) => block_on(approvals::run(arguments)),
        Command::Pause(arguments) => block_on(pause::pause(arguments)),
        Command::Resume(arguments) => block_on(pause::resume(arguments)),
        Command::Alerts(arguments) => block_on(alerts::run(arguments)),
        Command::Gc(arguments) => block_on(gc::run(arguments)),
        Command::EraseCustomer(arguments) => block_on(erase_customer::run(arguments)),
        Command::Demo(arguments) => block_on(demo::run(arguments)),
        Command::DevServer(arguments) => block_on(dev_server::run(arguments)),
    }
}

/// A thread that is still at work when a command has ended gets so long; nobody waits for its result.
const LAST_MOMENT: Duration = Duration::from_secs(2);

/// The worker's future is not `Send`, so it runs right here, on the main thread.
fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("could not start the asynchronous runtime")?;
    let outcome = runtime.block_on(future);
    // Dropping the runtime would wait for ever for a thread that hangs.
    runtime.shutdown_timeout(LAST_MOMENT);
    outcome
}
