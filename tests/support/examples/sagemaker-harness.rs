//! The tests' part of SageMaker as a program of its own, for containers and for infrastructure that stands on
//! emulators: training jobs really run (`spanishgas train`), everything else is moto's answer.
//!
//! What it plays and what it leaves out: `docs/aws-emulators.md`.

use std::io::Result;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use support::aws::runtime::wait_for;
use support::aws::{SageMakerPart, clients};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, Parser)]
struct Arguments {
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:5556")]
    listen: SocketAddr,
    /// Where moto is: it keeps the definitions of the jobs, and the model registry.
    #[arg(long, value_name = "URL")]
    moto: String,
    /// Where the S3 of the jobs is.
    #[arg(long, value_name = "URL")]
    s3: String,
    /// The `spanishgas` that trains.
    #[arg(long)]
    program: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let home = tempfile::Builder::new().prefix("sagemaker-harness-").tempdir()?;
    let url = arguments.s3;
    let s3 = wait_for(async move { clients::s3(&url).await });
    let part = SageMakerPart::listen(arguments.listen, &arguments.moto, s3, &arguments.program, home);
    println!("SageMaker's part listens on {}", part.url());
    wait_for(until_stopped())?;
    // Its jobs end with it.
    drop(part);
    Ok(())
}

async fn until_stopped() -> Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
