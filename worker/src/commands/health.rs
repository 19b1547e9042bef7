//! `spanishgas health`: what a container's health check asks, without any other program in the image.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, body::Bytes};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::connect::{NotConnected, ServerArguments, ServerSettings, attempt_once};
use crate::pollers;

/// A container runtime gives up on a check that hangs; it should hear the reason instead.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub part: Part,
}

#[derive(Debug, clap::Subcommand)]
pub enum Part {
    /// A worker of this host (in a container: of this container) asks the Temporal server for work.
    Worker(ServerArguments),
    /// The dashboard of this host answers.
    Dashboard(Dashboard),
}

#[derive(Debug, clap::Args)]
pub struct Dashboard {
    /// Where the dashboard listens.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listens: SocketAddr,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let well = match arguments.part {
        Part::Worker(server) => worker(&server.settings()?, &server.task_queue).await?,
        Part::Dashboard(dashboard) => dashboard_answers(dashboard.listens).await?,
    };
    println!("ok  {well}");
    Ok(ExitCode::SUCCESS)
}

async fn worker(server: &ServerSettings, task_queue: &str) -> anyhow::Result<String> {
    let client = match attempt_once(server).await {
        Ok(client) => client,
        Err(NotConnected::Waiting(reason) | NotConnected::Refused(reason)) => {
            bail!("the Temporal server at {} is out of reach: {reason}", server.address())
        }
    };
    let host = hostname();
    if !pollers::asks_from(&client, task_queue, &host).await? {
        bail!(
            "no worker of host {host} has asked for work on task queue {task_queue} in the last {} s: the worker here \
             has not started, hangs, or serves another queue, namespace or server",
            pollers::ASKS_WITHIN.as_secs()
        );
    }
    Ok(format!("a worker of host {host} asks {} for work on task queue {task_queue}", server.address()))
}

/// As the SDK writes it into the worker's identity.
fn hostname() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

async fn dashboard_answers(listens: SocketAddr) -> anyhow::Result<String> {
    let url = format!("http://{listens}/healthz");
    let status = timeout(ANSWER_WITHIN, get(listens, &url))
        .await
        .map_err(|_| anyhow::anyhow!("no answer within {} s", ANSWER_WITHIN.as_secs()))
        .and_then(|answered| answered)
        .with_context(|| format!("the dashboard does not answer at {url}: is it started?"))?;
    if !status.is_success() {
        bail!("the dashboard is not well: {url} answers {status}");
    }
    Ok(format!("the dashboard answers at {url}"))
}

async fn get(listens: SocketAddr, url: &str) -> anyhow::Result<StatusCode> {
    let stream = TcpStream::connect(listens).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get(url).header(hyper::header::HOST, listens.to_string()).body(Empty::<Bytes>::new())?;
    let connection = tokio::spawn(connection);
    let status = sender.send_request(request).await?.status();
    connection.abort();
    Ok(status)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    async fn asked(answer: &'static str) -> (String, anyhow::Result<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listens = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 1024];
            let read = socket.read(&mut request).await.unwrap();
            socket.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        let outcome = dashboard_answers(listens).await;
        (server.await.unwrap(), outcome)
    }

    #[tokio::test]
    async fn a_dashboard_that_answers_is_well_and_one_that_is_in_trouble_is_not() {
        let (request, well) = asked("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        assert!(well.is_ok_and(|words| words.contains("/healthz")));
        assert!(request.contains("/healthz HTTP/1.1"), "{request}");
        let (_, ill) = asked("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").await;
        assert!(ill.unwrap_err().to_string().contains("503"));
    }

    #[tokio::test]
    async fn a_dashboard_that_is_not_there_is_said_with_its_address() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let said = format!("{:#}", dashboard_answers(free).await.unwrap_err());
        assert!(said.contains(&free.to_string()) && said.contains("refused"), "{said}");
    }
}
