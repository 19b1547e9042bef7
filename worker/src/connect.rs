//! The connection to the Temporal server: settings as in every Temporal client (the `TEMPORAL_*`
//! variables and `temporal.toml`), and patience while the server is not there yet.

use std::time::Duration;

use activities::kms::{KeySource, KeySources};
use anyhow::{Context, anyhow, bail};
use lake::Lake;
use lake::documents::SettingsInForce;
use temporalio_client::envconfig::LoadClientConfigProfileOptions;
use temporalio_client::errors::ClientConnectError;
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, Url};
use temporalio_common::envconfig::load_client_config_profile;
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;
use tokio::time::{Instant, sleep, timeout};
use tonic::{Code, IntoRequest, Status};
use tracing::{info, warn};

use crate::payloads::{Codec, agreement};

const DEFAULT_NAMESPACE: &str = "default";
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What is set on the command line, and so wins over the environment and the file.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `host:port` or a URL.
    pub address: Option<String>,
    /// The namespace.
    pub namespace: Option<String>,
    /// What encrypts the payloads.
    pub codec: Codec,
}

/// Whether payloads are encrypted.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct PayloadArguments {
    /// Keys for payloads, commas between them: files (Base64, one key a line), or kms: and a key in AWS KMS. The first encrypts what goes to the Temporal server, all decrypt [default: nothing is encrypted].
    #[arg(long, env = "SPANISHGAS_PAYLOAD_KEY", value_name = "FILE|kms:KEY")]
    payload_key: Vec<KeySources>,
}

impl PayloadArguments {
    /// The places of the keys, in the order in which they were named.
    pub fn sources(&self) -> Vec<KeySource> {
        self.payload_key.iter().flat_map(|KeySources(sources)| sources.iter().cloned()).collect()
    }

    /// What encrypts and decrypts.
    pub fn codec(&self) -> anyhow::Result<Codec> {
        Codec::load(&self.sources())
    }
}

/// The server and the queue, as the commands that need them take them.
#[derive(Debug, Clone, clap::Args)]
pub struct ServerArguments {
    /// The Temporal server, host:port [default: as in every Temporal client].
    #[arg(long)]
    pub address: Option<String>,
    /// The namespace [default: as in every Temporal client].
    #[arg(long)]
    pub namespace: Option<String>,
    /// The task queue of the workflows; CPU-heavy activities use the same with -cpu after it.
    #[arg(long, env = "SPANISHGAS_TASK_QUEUE", default_value = protocol::task_queues::TASK_QUEUE)]
    pub task_queue: String,
    #[command(flatten)]
    pub payloads: PayloadArguments,
}

impl ServerArguments {
    /// The settings, the command line before the environment before the file.
    pub fn settings(&self) -> anyhow::Result<ServerSettings> {
        let (address, namespace, codec) = (self.address.clone(), self.namespace.clone(), self.payloads.codec()?);
        ServerSettings::load(Overrides { address, namespace, codec })
    }

    /// Refuses to start anything on the queue where its workers and this process could not read each other's payloads, as
    /// far as the workers have noted their keys in the lake.
    pub async fn require_understood(&self, lake: &Lake) -> anyhow::Result<()> {
        let note = SettingsInForce::of_queue(lake, &self.task_queue).await?;
        let Some(theirs) = note.and_then(|note| note.payload_keys) else { return Ok(()) };
        Ok(agreement::check(&self.task_queue, &self.payloads.codec()?.keys(), &theirs)?)
    }
}

/// Where the server is and how to talk to it.
#[derive(Clone)]
pub struct ServerSettings {
    connection: ConnectionOptions,
    client: ClientOptions,
}

impl ServerSettings {
    /// The settings of the active profile: environment over `temporal.toml`, `overrides` over both.
    pub fn load(overrides: Overrides) -> anyhow::Result<Self> {
        Self::load_from(LoadClientConfigProfileOptions::default(), overrides)
    }

    fn load_from(source: LoadClientConfigProfileOptions, overrides: Overrides) -> anyhow::Result<Self> {
        // The error of the SDK is not `Sync`, so its text is all that can be kept.
        let unusable = |error| anyhow!("connection settings (TEMPORAL_* variables, temporal.toml): {error}");
        let mut profile = load_client_config_profile(source, None).map_err(|error| unusable(error.to_string()))?;
        profile.address = overrides.address.or(profile.address);
        let namespace = overrides.namespace.or(profile.namespace.clone()).unwrap_or(DEFAULT_NAMESPACE.to_owned());
        let connection = ConnectionOptions::try_from(profile).map_err(|error| unusable(error.to_string()))?;
        let client = ClientOptions::new(namespace).data_converter(overrides.codec.converter()).build();
        Ok(Self { connection, client })
    }

    /// A server on this machine without TLS, whatever the environment says.
    pub fn local(grpc_address: &str) -> anyhow::Result<Self> {
        let url = Url::parse(&format!("http://{grpc_address}")).context("address of the local server")?;
        let connection = ConnectionOptions::new(url).build();
        Ok(Self { connection, client: ClientOptions::new(DEFAULT_NAMESPACE).build() })
    }

    /// The URL of the server.
    pub fn address(&self) -> &str {
        self.connection.target.as_str()
    }

    /// The namespace.
    pub fn namespace(&self) -> &str {
        &self.client.namespace
    }
}

/// Why an attempt to connect failed.
#[derive(Debug)]
pub enum NotConnected {
    /// The server may be there in a moment.
    Waiting(String),
    /// Waiting cannot help: the settings are wrong.
    Refused(String),
}

/// Connects, trying again with back-off for `patience`. The future may be dropped at any time.
pub async fn connect(settings: &ServerSettings, patience: Duration) -> anyhow::Result<Client> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(100);
    for attempt in 1_u32.. {
        let reason = match attempt_once(settings).await {
            Ok(client) => {
                info!(address = settings.address(), namespace = settings.namespace(), "connected to Temporal");
                return Ok(client);
            }
            Err(NotConnected::Refused(reason)) => {
                bail!("the Temporal server at {} refuses us: {reason}", settings.address())
            }
            Err(NotConnected::Waiting(reason)) => reason,
        };
        if started.elapsed() + pause > patience {
            bail!(
                "no Temporal server at {} within {} s ({attempt} attempts): {reason}; start one with `make up`, or set \
                 TEMPORAL_ADDRESS",
                settings.address(),
                patience.as_secs()
            );
        }
        warn!(address = settings.address(), attempt, %reason, "waiting for the Temporal server");
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    unreachable!("the loop ends by connecting or by running out of patience")
}

/// One attempt: reaches the server and finds the namespace.
pub async fn attempt_once(settings: &ServerSettings) -> Result<Client, NotConnected> {
    let attempt = async {
        let connection = Connection::connect(settings.connection.clone()).await.map_err(not_connected)?;
        find_namespace(&connection, settings.namespace()).await?;
        Client::new(connection, settings.client.clone()).map_err(|error| NotConnected::Refused(error.to_string()))
    };
    match timeout(ATTEMPT_TIMEOUT, attempt).await {
        Ok(result) => result,
        Err(_) => Err(NotConnected::Waiting(format!("no answer within {} s", ATTEMPT_TIMEOUT.as_secs()))),
    }
}

async fn find_namespace(connection: &Connection, namespace: &str) -> Result<(), NotConnected> {
    let request = DescribeNamespaceRequest { namespace: namespace.to_owned(), ..Default::default() };
    match connection.workflow_service().describe_namespace(request.into_request()).await {
        Ok(_) => Ok(()),
        // A server that has just started creates its namespace in these moments.
        Err(status) if status.code() == Code::NotFound => Err(NotConnected::Waiting(format!(
            "namespace {namespace} does not exist (`temporal operator namespace create --namespace {namespace}`)"
        ))),
        Err(status) => Err(from_status(&status)),
    }
}

fn not_connected(error: ClientConnectError) -> NotConnected {
    match error {
        ClientConnectError::SystemInfoCallError(status) => from_status(&status),
        ClientConnectError::TonicTransportError(error) => of_transport(innermost(&error)),
        ClientConnectError::DnsResolutionError { .. } => NotConnected::Waiting(error.to_string()),
        other => NotConnected::Refused(other.to_string()),
    }
}

/// A server without TLS answers a handshake with something else, today and tomorrow.
fn of_transport(reason: String) -> NotConnected {
    const NO_TLS: [&str; 3] = ["InvalidContentType", "corrupt message", "wrong version number"];
    if NO_TLS.iter().any(|words| reason.contains(words)) {
        return NotConnected::Refused(format!(
            "it speaks no TLS, which an API key or TLS settings turn on ({reason}); without TLS, take TEMPORAL_API_KEY and \
             TEMPORAL_TLS away, also from temporal.toml; else name the server's address with TLS"
        ));
    }
    NotConnected::Waiting(reason)
}

fn from_status(status: &Status) -> NotConnected {
    let text = format!("{}: {}", status.code(), status.message());
    match status.code() {
        Code::Unauthenticated | Code::PermissionDenied | Code::InvalidArgument => NotConnected::Refused(text),
        _ => NotConnected::Waiting(text),
    }
}

/// The last cause: what the operating system or TLS said ("Connection refused").
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use temporalio_client::envconfig::DataSource;

    fn toml(text: &str) -> LoadClientConfigProfileOptions {
        LoadClientConfigProfileOptions::builder()
            .config_source(DataSource::Data(text.as_bytes().to_vec()))
            .disable_env(true)
            .build()
    }

    #[test]
    fn the_command_line_wins_over_the_file() {
        let file = "[profile.default]\naddress = \"filed:7233\"\nnamespace = \"filed\"\n";
        let from_file = ServerSettings::load_from(toml(file), Overrides::default()).unwrap();
        assert_eq!((from_file.address(), from_file.namespace()), ("http://filed:7233/", "filed"));

        let overrides = Overrides {
            address: Some("named:7000".to_owned()),
            namespace: Some("named".to_owned()),
            ..Overrides::default()
        };
        let named = ServerSettings::load_from(toml(file), overrides).unwrap();
        assert_eq!((named.address(), named.namespace()), ("http://named:7000/", "named"));
    }

    #[test]
    fn an_api_key_turns_tls_on_for_a_named_address_too() {
        let overrides = Overrides { address: Some("named:7000".to_owned()), ..Overrides::default() };
        let settings = ServerSettings::load_from(toml("[profile.default]\napi_key = \"k\"\n"), overrides).unwrap();
        assert_eq!((settings.address(), settings.namespace()), ("https://named:7000/", "default"));
    }

    #[test]
    fn a_server_without_tls_is_told_from_one_that_is_not_there() {
        // What rustls says of a plain answer.
        let plain = of_transport("received corrupt message of type InvalidContentType".to_owned());
        assert!(matches!(&plain, NotConnected::Refused(reason) if reason.contains("TEMPORAL_API_KEY")), "{plain:?}");
        let absent = of_transport("Connection refused (os error 111)".to_owned());
        assert!(matches!(absent, NotConnected::Waiting(_)));
    }

    #[tokio::test]
    async fn an_absent_server_is_reported_with_address_and_reason_when_patience_ends() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let settings = ServerSettings::local(&free.to_string()).unwrap();
        let message = connect(&settings, Duration::from_millis(250)).await.err().unwrap().to_string();
        assert!(message.contains(&free.to_string()) && message.contains("refused"), "{message}");
    }
}
