//! MLflow's REST API 2.0: <https://mlflow.org/docs/latest/rest-api.html>.

use std::fmt::Write as _;

use activities::http::{Call, Http, HttpProblem};
use anyhow::anyhow;
use hyper::Method;
use serde_json::Value;

/// A tracking server.
pub struct Mlflow {
    http: Http,
    url: String,
    token: Option<String>,
}

impl Mlflow {
    /// The server at an address.
    pub fn new(http: Http, url: &str, token: Option<String>) -> Self {
        Self { http, url: url.trim_end_matches('/').to_owned(), token }
    }

    /// Changes something.
    pub async fn post(&self, what: &str, body: &Value) -> anyhow::Result<Value> {
        self.answer(Method::POST, what, Some(body)).await.map_err(|problem| self.explain(what, &problem))
    }

    /// Looks at something; nothing where the server says that it is not there.
    pub async fn get(&self, what: &str, name: &str, value: &str) -> anyhow::Result<Option<Value>> {
        match self.answer(Method::GET, &format!("{what}?{name}={}", encoded(value)), None).await {
            Ok(found) => Ok(Some(found)),
            Err(problem) if says(&problem, "RESOURCE_DOES_NOT_EXIST") => Ok(None),
            Err(problem) => Err(self.explain(what, &problem)),
        }
    }

    /// Makes something, which may be there already.
    pub async fn make(&self, what: &str, body: &Value) -> anyhow::Result<()> {
        match self.answer(Method::POST, what, Some(body)).await {
            Ok(_) => Ok(()),
            Err(problem) if says(&problem, "RESOURCE_ALREADY_EXISTS") => Ok(()),
            Err(problem) => Err(self.explain(what, &problem)),
        }
    }

    async fn answer(&self, method: Method, what: &str, body: Option<&Value>) -> Result<Value, HttpProblem> {
        let url = format!("{}/api/2.0/mlflow/{what}", self.url);
        let headers = self.token.iter().map(|token| ("authorization", format!("Bearer {token}"))).collect();
        let body = body.map(|body| body.to_string().into_bytes());
        let answer = self.http.call(Call { method, url: &url, headers, body }).await?;
        let unusable = |error: serde_json::Error| HttpProblem::Unusable(format!("its answer is no JSON: {error}"));
        serde_json::from_slice(&answer).map_err(unusable)
    }

    fn explain(&self, what: &str, problem: &HttpProblem) -> anyhow::Error {
        anyhow!(
            "MLflow {what} at {} failed: {problem}; is it a tracking server (--tracking-uri) of MLflow 2 or newer, and \
             may you write to it?",
            self.url
        )
    }
}

fn says(problem: &HttpProblem, code: &str) -> bool {
    matches!(problem, HttpProblem::Status { said, .. } if said.contains(code))
}

/// RFC 3986: everything but letters, digits and four marks.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_fits_into_an_address() {
        assert_eq!(encoded("run_id = 'a-1'"), "run_id%20%3D%20%27a-1%27");
    }
}
