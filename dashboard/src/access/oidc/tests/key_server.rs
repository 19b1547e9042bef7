//! The whole way: a request as the load balancer sends it on, its key from a server over HTTP, the page of the role.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::http::{Method, Response, StatusCode};
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::access::tests::{asked, pages, request, text};
use crate::access::{AccessSettings, Admission, Proxy, layers};
use crate::link::KeySource;

/// Where AWS has the keys of our load balancer.
const AWS: &str = "https://public-keys.auth.elb.eu-west-1.amazonaws.com";

/// Serves public keys by their IDs, as AWS does, and remembers what was asked for.
#[derive(Clone)]
struct KeyServer {
    address: SocketAddr,
    keys: Arc<Mutex<BTreeMap<String, String>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl KeyServer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { address, keys: Arc::default(), asked: Arc::default() };
        let served = server.clone();
        let key = move |Path(id): Path<String>| {
            let key = served.keys.lock().unwrap().get(&id).cloned();
            served.asked.lock().unwrap().push(id);
            async move { key.ok_or(StatusCode::NOT_FOUND) }
        };
        tokio::spawn(axum::serve(listener, Router::new().route("/{id}", get(key))).into_future());
        server
    }

    fn publish(&self, id: &str, balancer: &Balancer) {
        self.keys.lock().unwrap().insert(id.to_owned(), balancer.pem());
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Asks it in the place of AWS.
    fn fetch(&self) -> Fetch {
        let server = self.address;
        Arc::new(move |url: String| -> BoxFuture<'static, std::result::Result<String, String>> {
            let path = url.strip_prefix(AWS).unwrap().to_owned();
            Box::pin(async move { got(server, &path).await.map_err(|error| error.to_string()) })
        })
    }
}

/// `GET`, as short as it can be.
async fn got(server: SocketAddr, path: &str) -> io::Result<String> {
    let mut connection = TcpStream::connect(server).await?;
    connection.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.split(' ').nth(1) == Some("200") => Ok(body.to_owned()),
        _ => Err(io::Error::other(answer)),
    }
}

fn dashboard(fetch: Fetch) -> Router {
    let listen = "0.0.0.0:8080".parse().unwrap();
    let (admission, link_key) = (Admission::Oidc(settings(fetch)), Some(KeySource::Text("k".repeat(32))));
    let settings =
        AccessSettings { admission, link_key, proxy: Proxy::One, ..AccessSettings::loopback(listen, "nobody") };
    layers(Arc::new(settings.open(Arc::new(now)).unwrap()), pages())
}

/// A request that the load balancer sends on, with what it says of the person.
async fn ask(router: &Router, method: Method, path: &str, data: Option<&str>, form: &str) -> Response<Body> {
    let mut request = request(method, path, None, form);
    if let Some(data) = data {
        request.headers_mut().insert(DATA, HeaderValue::from_str(data).unwrap());
    }
    asked(router, request).await
}

async fn status(router: &Router, data: &str) -> StatusCode {
    ask(router, Method::GET, "/risk", Some(data), "").await.status()
}

#[tokio::test]
async fn whom_the_load_balancer_vouches_for_gets_where_their_role_may() {
    use StatusCode as S;
    let (balancer, server) = (Balancer::new(), KeyServer::start().await);
    server.publish("key-1", &balancer);
    let router = dashboard(server.fetch());
    let signed = |groups: Value| balancer.sign(&head(), &with(claims(), "cognito:groups", groups));
    let (viewer, operator) = (signed(json!(["retention"])), signed(json!(["churn-operators"])));
    let people = [None, Some(viewer.as_str()), Some(operator.as_str())];
    let table = [
        // Method, path: nobody, viewer, operator.
        (Method::GET, "/healthz", [S::OK, S::OK, S::OK]),
        (Method::GET, "/assets/dashboard-0f1e.css", [S::OK, S::OK, S::OK]),
        (Method::GET, "/risk", [S::FORBIDDEN, S::OK, S::OK]),
        (Method::GET, "/customers/abcdefghijklmnop", [S::FORBIDDEN, S::OK, S::OK]),
        (Method::POST, "/customers", [S::FORBIDDEN, S::OK, S::OK]),
        (Method::GET, "/operate/approve", [S::FORBIDDEN, S::FORBIDDEN, S::OK]),
        (Method::POST, "/operate/approve", [S::FORBIDDEN, S::FORBIDDEN, S::OK]),
        (Method::GET, "/nowhere", [S::FORBIDDEN, S::NOT_FOUND, S::NOT_FOUND]),
    ];
    for (method, path, expected) in table {
        for (data, expected) in people.into_iter().zip(expected) {
            let form = match data {
                Some(_) => {
                    let greeting = text(ask(&router, Method::GET, "/risk", data, "").await).await;
                    format!("csrf={}", greeting.rsplit_once(' ').unwrap().1)
                }
                None => String::new(),
            };
            let answer = ask(&router, method.clone(), path, data, &form).await;
            assert_eq!(answer.status(), expected, "{method} {path} as {data:?}");
            assert!(!answer.headers().contains_key(LOCATION), "there is no sign-in of ours to go to");
        }
    }
    let greeting = text(ask(&router, Method::GET, "/risk", Some(&viewer), "").await).await;
    assert!(greeting.starts_with("ana@example.com viewer "), "{greeting}");
    assert_eq!(server.asked(), ["key-1"], "once for all of them");
}

#[tokio::test]
async fn whatever_is_not_signed_for_us_by_our_load_balancer_lets_nobody_in() {
    let (balancer, other, server) = (Balancer::new(), Balancer::new(), KeyServer::start().await);
    server.publish("key-1", &balancer);
    let router = dashboard(server.fetch());
    let ours = |key: &str, value: Value| balancer.sign(&with(head(), key, value), &claims());
    let stranger = "arn:aws:elasticloadbalancing:eu-west-1:210987654321:loadbalancer/app/evil/1";
    let refused = [
        ours("signer", json!(stranger)),
        ours("client", json!("client-2")),
        ours("iss", json!("https://idp.evil.example")),
        ours("exp", json!((now() - TimeDelta::seconds(1)).timestamp())),
        ours("alg", json!("none")),
        "a.b.c".to_owned(),
    ];
    for data in &refused {
        assert_eq!(status(&router, data).await, StatusCode::FORBIDDEN, "{data}");
    }
    assert_eq!(server.asked(), [""; 0], "nobody is asked for the keys of strangers");
    assert_eq!(status(&router, &other.sign(&head(), &claims())).await, StatusCode::FORBIDDEN, "signed by another key");
    let nobody = balancer.sign(&head(), &with(claims(), "cognito:groups", json!(["staff"])));
    assert_eq!(status(&router, &nobody).await, StatusCode::FORBIDDEN, "in no group that may look");
    assert_eq!(status(&router, &balancer.sign(&head(), &claims())).await, StatusCode::OK);
}

#[tokio::test]
async fn a_key_that_changes_is_asked_for_and_one_that_is_not_there_is_told_from_a_forgery() {
    let (before, after, server) = (Balancer::new(), Balancer::new(), KeyServer::start().await);
    server.publish("key-1", &before);
    let router = dashboard(server.fetch());
    let (old, new) = (before.sign(&head(), &claims()), after.sign(&with(head(), "kid", json!("key-2")), &claims()));
    assert_eq!(status(&router, &old).await, StatusCode::OK);
    let unknown = ask(&router, Method::GET, "/risk", Some(&new), "").await;
    assert_eq!(unknown.status(), StatusCode::SERVICE_UNAVAILABLE, "the server does not have it yet");
    assert!(unknown.headers().contains_key(RETRY_AFTER));
    server.publish("key-2", &after);
    for data in [&new, &old, &new] {
        assert_eq!(status(&router, data).await, StatusCode::OK);
    }
    assert_eq!(server.asked(), ["key-1", "key-2", "key-2"], "what is known is not asked for again");
}

#[tokio::test]
async fn without_the_server_of_keys_those_whose_key_is_known_stay_in() {
    let (balancer, server) = (Balancer::new(), KeyServer::start().await);
    server.publish("key-1", &balancer);
    let nobody: SocketAddr = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let away = Arc::new(Mutex::new(server.address));
    let asks = Arc::clone(&away);
    let fetch: Fetch = Arc::new(move |url: String| -> BoxFuture<'static, std::result::Result<String, String>> {
        let (server, path) = (*asks.lock().unwrap(), url.strip_prefix(AWS).unwrap().to_owned());
        Box::pin(async move { got(server, &path).await.map_err(|error| error.to_string()) })
    });
    let router = dashboard(fetch);
    let known = balancer.sign(&head(), &claims());
    assert_eq!(status(&router, &known).await, StatusCode::OK);
    *away.lock().unwrap() = nobody;
    assert_eq!(status(&router, &known).await, StatusCode::OK);
    let other = balancer.sign(&with(head(), "kid", json!("key-2")), &claims());
    assert_eq!(status(&router, &other).await, StatusCode::SERVICE_UNAVAILABLE);
}
