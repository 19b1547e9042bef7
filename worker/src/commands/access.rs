//! Who may come in to the dashboard, as the command line says it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use activities::http::{Call, Http};
use anyhow::bail;
use dashboard::access::{ANSWER_WITHIN, AccessSettings, Admission, Fetch, Hsts, OidcSettings, Proxy};
use dashboard::link::KeySource;
use hyper::Method;

/// How long the load balancer's key is waited for: less than a page may take.
const KEY_WITHIN: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, clap::Args)]
pub struct AccessArguments {
    /// The token of those who may look: a file of 32 random bytes or more (openssl rand -hex 32).
    #[arg(long, env = "SPANISHGAS_VIEWER_TOKEN", value_name = "FILE", requires = "operator_token")]
    pub viewer_token: Option<PathBuf>,
    /// The token of those who may start, decide, pause, cancel and acknowledge, too: another file.
    #[arg(long, env = "SPANISHGAS_OPERATOR_TOKEN", value_name = "FILE", requires = "viewer_token")]
    pub operator_token: Option<PathBuf>,
    /// The ARN of the load balancer that signs people in; its word counts for nobody else's.
    #[arg(long, env = "SPANISHGAS_OIDC_SIGNER", value_name = "ARN", conflicts_with = "viewer_token")]
    pub oidc_signer: Option<String>,
    /// The load balancer's client ID at the identity provider [default: any].
    #[arg(long, env = "SPANISHGAS_OIDC_CLIENT", value_name = "ID", requires = "oidc_signer")]
    pub oidc_client: Option<String>,
    /// The identity provider that people sign in at, by its issuer [default: any].
    #[arg(long, env = "SPANISHGAS_OIDC_ISSUER", value_name = "URL", requires = "oidc_signer")]
    pub oidc_issuer: Option<String>,
    /// The claim that names a person.
    #[arg(long, env = "SPANISHGAS_OIDC_NAME_CLAIM", value_name = "CLAIM", default_value = "email")]
    pub oidc_name_claim: String,
    /// The claim that lists a person's groups; Cognito's user info has none of its own: custom:role, for example.
    #[arg(long, env = "SPANISHGAS_OIDC_GROUPS_CLAIM", value_name = "CLAIM", default_value = "groups")]
    pub oidc_groups_claim: String,
    /// The groups that may look; * is everybody whom the load balancer lets in.
    #[arg(long, env = "SPANISHGAS_OIDC_VIEWERS", value_name = "GROUPS", value_delimiter = ',')]
    pub oidc_viewers: Vec<String>,
    /// The groups that may act, too.
    #[arg(long, env = "SPANISHGAS_OIDC_OPERATORS", value_name = "GROUPS", value_delimiter = ',')]
    pub oidc_operators: Vec<String>,
    /// The key of customers' links: a file of 32 random bytes or more [default: the tokens make it; on this machine it ends
    /// with the process].
    #[arg(long, value_name = "FILE")]
    pub link_key: Option<PathBuf>,
    /// The same as a text, where there is no folder for it: a container, for example.
    #[arg(long, env = "SPANISHGAS_LINK_KEY", hide_env_values = true, value_name = "KEY", conflicts_with = "link_key")]
    pub link_key_text: Option<String>,
    /// A name that the dashboard answers to besides those of this machine; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub host: Vec<String>,
    /// The name that this machine's user acts under.
    #[arg(long, env = "USER", value_name = "NAME", default_value = "operator")]
    pub name: String,
    /// Tell browsers to come by TLS alone from now on; only behind a certificate.
    #[arg(long)]
    pub hsts: bool,
    /// One proxy or load balancer stands before the dashboard and adds the visitor's address to X-Forwarded-For.
    #[arg(long)]
    pub behind_proxy: bool,
}

impl AccessArguments {
    /// How the dashboard is reached at an address.
    pub fn settings(&self, listen: SocketAddr) -> anyhow::Result<AccessSettings> {
        Ok(AccessSettings {
            listen,
            admission: self.admission()?,
            hosts: self.host.clone(),
            link_key: self.link_key(),
            hsts: if self.hsts { Hsts::Year } else { Hsts::Off },
            // A load balancer that signs people in stands before us.
            proxy: if self.behind_proxy || self.oidc_signer.is_some() { Proxy::One } else { Proxy::None },
            answer_within: ANSWER_WITHIN,
        })
    }

    fn admission(&self) -> anyhow::Result<Admission> {
        if let Some(signer) = &self.oidc_signer {
            return Ok(Admission::Oidc(OidcSettings {
                signer: signer.clone(),
                client: self.oidc_client.clone(),
                issuer: self.oidc_issuer.clone(),
                name_claim: self.oidc_name_claim.clone(),
                groups_claim: self.oidc_groups_claim.clone(),
                viewers: self.oidc_viewers.clone(),
                operators: self.oidc_operators.clone(),
                fetch: fetch()?,
            }));
        }
        match (&self.viewer_token, &self.operator_token) {
            (Some(viewer), Some(operator)) => {
                Ok(Admission::Tokens { viewer: viewer.clone(), operator: operator.clone() })
            }
            (None, None) => Ok(Admission::Loopback { name: self.name.clone() }),
            _ => bail!("--viewer-token and --operator-token go together; give both files"),
        }
    }

    fn link_key(&self) -> Option<KeySource> {
        let text = || self.link_key_text.clone().map(KeySource::Text);
        self.link_key.clone().map(KeySource::File).or_else(text)
    }
}

/// Asks for the text at an address.
fn fetch() -> anyhow::Result<Fetch> {
    let http = Http::new(KEY_WITHIN)?;
    let fetch: Fetch = Arc::new(move |url: String| {
        let http = http.clone();
        Box::pin(async move {
            let asked = Call { method: Method::GET, url: &url, headers: Vec::new(), body: None };
            let bytes = http.call(asked).await.map_err(|problem| problem.to_string())?;
            String::from_utf8(bytes).map_err(|_| "the answer is no text".to_owned())
        })
    });
    Ok(fetch)
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use dashboard::access::AccessError;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        access: AccessArguments,
    }

    fn settings(listen: &str, arguments: &[&str]) -> AccessSettings {
        let line = std::iter::once("dashboard").chain(["--name", "ana"]).chain(arguments.iter().copied());
        Line::try_parse_from(line).unwrap().access.settings(listen.parse().unwrap()).unwrap()
    }

    fn opened(settings: &AccessSettings) -> Result<(), AccessError> {
        settings.open(Arc::new(chrono::Utc::now)).map(drop)
    }

    #[test]
    fn this_machine_needs_nothing_and_others_are_not_served_without_a_check() {
        opened(&settings("127.0.0.1:8080", &[])).unwrap();
        let refused = opened(&settings("0.0.0.0:8080", &[])).unwrap_err();
        assert_eq!(refused.number().number(), "SG0044");
    }

    #[test]
    fn tokens_go_together_and_a_load_balancer_needs_a_key_for_links() {
        assert!(Line::try_parse_from(["dashboard", "--viewer-token", "viewer"]).is_err());
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/churn/1";
        let arguments = ["--oidc-signer", arn, "--oidc-viewers", "*", "--oidc-operators", "a,b"];
        let refused = opened(&settings("0.0.0.0:8080", &arguments)).unwrap_err().to_string();
        assert!(refused.contains("--link-key"), "{refused}");
        let key = "k".repeat(32);
        let arguments = [&arguments[..], &["--link-key-text", &key]].concat();
        opened(&settings("0.0.0.0:8080", &arguments)).unwrap();
    }

    #[test]
    fn client_and_issuer_are_those_of_a_load_balancer() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/churn/1";
        let arguments =
            ["--oidc-signer", arn, "--oidc-client", "c", "--oidc-issuer", "https://idp", "--oidc-viewers", "*"];
        let Admission::Oidc(oidc) = settings("0.0.0.0:8080", &arguments).admission else { panic!("not by OIDC") };
        assert_eq!((oidc.client.as_deref(), oidc.issuer.as_deref()), (Some("c"), Some("https://idp")));
        assert!(Line::try_parse_from(["dashboard", "--oidc-issuer", "https://idp"]).is_err(), "whose?");
    }

    /// What comes of an answer of the server of keys, and what it was asked for.
    async fn fetched(answer: &'static [u8]) -> (String, Result<String, String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/key-1", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 1024];
            let read = socket.read(&mut request).await.unwrap();
            socket.write_all(answer).await.unwrap();
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        let got = fetch().unwrap()(url).await;
        (server.await.unwrap(), got)
    }

    #[tokio::test]
    async fn a_key_is_a_text_that_was_asked_for_by_its_id_and_all_else_is_none() {
        let (request, key) = fetched(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nkey\n").await;
        assert!(request.starts_with("GET /key-1 HTTP/1.1"), "{request}");
        assert_eq!(key.as_deref(), Ok("key\n"));
        let (_, missing) = fetched(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\n\r\ndenied").await;
        assert_eq!(missing, Err("the answer is 403: denied".to_owned()));
        let (_, no_text) = fetched(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\xff\xfe").await;
        assert_eq!(no_text, Err("the answer is no text".to_owned()));
    }
}
