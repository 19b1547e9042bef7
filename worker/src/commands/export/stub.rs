//! As much of MLflow as an export sees: one experiment, one run, one model.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The stub.
pub struct Stub {
    /// `http://host:port`.
    pub url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// What was asked, without addresses and questions.
    asked: Vec<String>,
    experiment: bool,
    /// The status of the run.
    run: Option<String>,
    model: bool,
    version: bool,
    fails: Option<&'static str>,
}

impl Stub {
    /// An empty server.
    pub async fn start() -> Self {
        Self::with(State::default()).await
    }

    /// One that breaks at the first request for this.
    pub async fn failing_once(what: &'static str) -> Self {
        Self::with(State { fails: Some(what), ..State::default() }).await
    }

    async fn with(state: State) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                serve(socket, &shared).await;
            }
        });
        Self { url, state }
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }
}

async fn serve(mut socket: TcpStream, state: &Mutex<State>) {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    let (head, body) = loop {
        let read = socket.read(&mut part).await.unwrap();
        assert!(read > 0, "the request ends early");
        bytes.extend_from_slice(&part[..read]);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if body.len() >= length.unwrap_or(0) {
            break (head.to_owned(), body.to_owned());
        }
    };
    assert!(head.contains("authorization: Bearer t0ken"), "{head}");
    let what = head.split_whitespace().nth(1).unwrap().strip_prefix("/api/2.0/mlflow/").unwrap();
    let what = what.split('?').next().unwrap().to_owned();
    let body = serde_json::from_str(&body).unwrap_or(Value::Null);
    let (status, answer) = answer(&mut state.lock().unwrap(), &what, &body);
    let answer = answer.to_string();
    let length = answer.len();
    let answer = format!("HTTP/1.1 {status} Said\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}");
    socket.write_all(answer.as_bytes()).await.unwrap();
}

fn answer(state: &mut State, what: &str, body: &Value) -> (u16, Value) {
    state.asked.push(what.to_owned());
    if state.fails.take_if(|fails| *fails == what).is_some() {
        return (500, json!({ "error_code": "INTERNAL_ERROR" }));
    }
    let missing = (404, json!({ "error_code": "RESOURCE_DOES_NOT_EXIST" }));
    let good = match what {
        "experiments/get-by-name" if state.experiment => json!({ "experiment": { "experiment_id": "7" } }),
        "experiments/get-by-name" => return missing,
        "experiments/create" => {
            state.experiment = true;
            json!({ "experiment_id": "7" })
        }
        "runs/search" => match &state.run {
            Some(status) => json!({ "runs": [{ "info": { "run_id": "m1", "status": status } }] }),
            None => json!({}),
        },
        "runs/create" => {
            state.run = Some("RUNNING".to_owned());
            json!({ "run": { "info": { "run_id": "m1" } } })
        }
        "runs/update" => {
            state.run = body["status"].as_str().map(str::to_owned);
            json!({})
        }
        "registered-models/create" if state.model => {
            return (400, json!({ "error_code": "RESOURCE_ALREADY_EXISTS" }));
        }
        "registered-models/create" => {
            state.model = true;
            json!({})
        }
        "model-versions/search" if state.version => json!({ "model_versions": [{ "name": "churn", "version": "1" }] }),
        "model-versions/create" => {
            state.version = true;
            json!({ "model_version": { "version": "1" } })
        }
        "model-versions/search" | "runs/log-batch" | "registered-models/alias" => json!({}),
        other => panic!("MLflow has no {other}"),
    };
    (200, good)
}
