//! A small lake with published results and a router in front of it, for the tests of the pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, HOST, HeaderMap};
use axum::http::{Request, StatusCode};
use chrono::{DateTime, Utc};
use churn::model::RiskTier;
use churn::recommend::{Action, ReasonTexts, Sentence};
use lake::documents::{Publication, RunRecord};
use lake::{FolderLake, Lake, Made, StageSpec, keys};
use polars::df;
use polars::prelude::{Column, DataFrame, DataType};
use protocol::{Run, TableRef};
use serde_json::json;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::access::AccessSettings;
use crate::data::Store;
use crate::pages::operate::Effect;
use crate::server::{Facts, Parts, Site, router};
use crate::temporal::Temporal;

/// The run whose results are published.
pub const RUN: &str = "01a214f3-f7d3-7616-b0a6-de8413cca5cb";
/// The model that scored.
pub const MODEL: &str = "4f90bd8cc09437d0";
/// Customers of the lake.
pub const CUSTOMERS: usize = 120;
/// No page is longer.
const MOST: usize = 8 << 20;

/// The time of every request.
pub fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2025-01-01T04:00:00Z").map(|time| time.to_utc()).unwrap()
}

/// A lake and the pages about it.
pub struct TestSite {
    /// The pages.
    pub site: Site,
    /// The lake.
    pub lake: Lake,
    router: Router,
    folder: TempDir,
}

/// A page as it came.
pub struct Answered {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Bytes,
}

impl Answered {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl TestSite {
    /// A lake without anything.
    pub fn empty() -> Self {
        Self::of(tempfile::tempdir().unwrap())
    }

    /// The same lake, of which nothing is in memory yet.
    pub fn over(other: Self) -> Self {
        Self::of(other.folder)
    }

    fn of(folder: TempDir) -> Self {
        let lake = Lake::Folder(FolderLake::open(&folder.path().join("lake")).unwrap());
        let scratch = folder.path().join("scratch");
        std::fs::create_dir_all(&scratch).unwrap();
        let clock: crate::access::Clock = Arc::new(now);
        let access =
            AccessSettings::loopback("127.0.0.1:8080".parse().unwrap(), "ana").open(Arc::clone(&clock)).unwrap();
        let site = Site::new(Parts {
            store: Store::new(lake.clone(), scratch),
            temporal: Temporal::absent("connection refused"),
            access,
            clock,
            carry_out: Arc::new(|_| Box::pin(async { Ok(Effect::AtWork("nightly".to_owned())) })),
            facts: Facts { version: "test".to_owned(), ..Facts::default() },
        });
        Self { router: router(&site), site, lake, folder }
    }

    /// A lake with the results of one run.
    pub async fn published() -> Self {
        let site = Self::empty();
        site.publish().await;
        site
    }

    /// Somebody takes the lake's folder away.
    pub fn lose_lake(&self) {
        std::fs::remove_dir_all(self.folder.path().join("lake")).unwrap();
    }

    /// Its folder is there again, and empty.
    pub fn bring_lake_back(&self) {
        std::fs::create_dir(self.folder.path().join("lake")).unwrap();
    }

    /// What comes of a path and its query.
    pub async fn get(&self, path: &str) -> Answered {
        self.send(Request::get(path)).await
    }

    /// The same of a browser that reads packed answers.
    pub async fn get_packed(&self, path: &str, encodings: &str) -> Answered {
        self.send(Request::get(path).header(ACCEPT_ENCODING, encodings)).await
    }

    /// The same as a browser asks for what a person follows a link to.
    pub async fn follow(&self, path: &str) -> Answered {
        self.send(Request::get(path).header(ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")).await
    }

    /// The same as somebody sees it who may look and do nothing.
    pub async fn get_as_viewer(&self, path: &str) -> Answered {
        // Without the check of who asks, everybody is a viewer.
        answered(crate::pages::routes().with_state(self.site.clone()), Request::get(path)).await
    }

    /// What is said about a path and its query, without the answer itself.
    pub async fn head(&self, path: &str) -> Answered {
        self.send(Request::head(path)).await
    }

    async fn send(&self, request: axum::http::request::Builder) -> Answered {
        answered(self.router.clone(), request).await
    }

    async fn publish(&self) {
        let run =
            Run { workflow_id: "nightly".into(), run_id: RUN.into(), started: "2025-01-01T02:00:00.000Z".to_owned() };
        let mut outputs = BTreeMap::new();
        for (table, frame) in [("scores", scores()), ("recommendations", recommendations())] {
            outputs.extend(self.store(&run, table, frame, json!({})).await);
        }
        let reasons = lake::to_json(&texts());
        let key = "scored/recommendations/0/reasons.json".to_owned();
        let reference = TableRef { key: key.clone(), digest: protocol::Digest::of(&reasons), rows: 0 };
        self.lake.put(&key, reasons).await.unwrap();
        outputs.insert("reasons".to_owned(), reference);
        let pointer = Publication {
            run_id: run.run_id.clone(),
            workflow_id: run.workflow_id.clone(),
            started: run.started.clone(),
            as_of: churn::SnapshotDate::parse("2024-12-31").unwrap(),
            model_version: MODEL.into(),
            published_at: "2025-01-01T02:00:20.000Z".to_owned(),
            outputs: outputs.clone(),
            features: None,
            found_newer: None,
        };
        self.lake.put_json(keys::PUBLISHED, &pointer).await.unwrap();
        let tiers = json!({ "Critical (>80%)": 1, "High (60-80%)": 2, "Medium (40-60%)": 3, "Low (<40%)": 4 });
        self.record(&run, &outputs, &tiers, MODEL).await;
    }

    /// A run of the day before, whose results were published and are the same tables.
    pub async fn record_the_day_before(&self, tiers: &serde_json::Value) {
        let pointer: Publication = self.lake.read_json(keys::PUBLISHED).await.unwrap();
        let started = "2024-12-31T02:00:00.000Z".to_owned();
        let run = Run { workflow_id: "nightly".into(), run_id: "the-day-before".into(), started };
        self.record(&run, &pointer.outputs, tiers, MODEL).await;
    }

    /// A run of the day before with results of its own, which another model made; the keys of its tables.
    pub async fn record_other_results(
        &self,
        tables: [(&str, DataFrame); 2],
        model: &str,
    ) -> BTreeMap<String, TableRef> {
        let started = "2024-12-31T02:00:00.000Z".to_owned();
        let run = Run { workflow_id: "nightly".into(), run_id: "the-day-before".into(), started };
        let mut outputs = BTreeMap::new();
        for (table, frame) in tables {
            outputs.extend(self.store(&run, table, frame, json!({ "day": "before" })).await);
        }
        self.record(&run, &outputs, &json!({}), model).await;
        outputs
    }

    async fn record(&self, run: &Run, outputs: &BTreeMap<String, TableRef>, tiers: &serde_json::Value, champion: &str) {
        let key = |table: &str| outputs[table].key.clone();
        let stage = |name: &str, table: &str| json!({ "name": name, "seconds": 1.0, "rows": 1, "skipped": false, "reason": null, "outputs": { table: key(table) } });
        let record: RunRecord = serde_json::from_value(json!({
            "run": run, "ended": "2025-01-01T02:00:24.000Z", "inputs": {}, "code_version": "0", "settings": {},
            "facts": { "promoted": champion, "published": true },
            "result": {
                "state": "completed", "outcome": "promoted", "mode": "train", "as_of": "2024-12-31", "champion": champion,
                "tiers": tiers,
                "stages": [stage("score", "scores"), stage("recommend", "recommendations")],
            },
        }))
        .unwrap();
        record.store(&self.lake).await.unwrap();
    }

    /// A table as the stage of its name makes it with these settings.
    pub async fn store(
        &self,
        run: &Run,
        table: &str,
        mut frame: DataFrame,
        settings: serde_json::Value,
    ) -> BTreeMap<String, TableRef> {
        let scratch = tempfile::tempdir().unwrap();
        let made = Made::table(table, &mut frame, scratch.path()).unwrap();
        let spec = StageSpec {
            layer: keys::TopFolder::Scored,
            stage: table.to_owned(),
            code_version: 1,
            inputs: BTreeMap::new(),
            settings,
        };
        spec.publish(&self.lake, run, vec![made]).await.unwrap().outputs
    }
}

async fn answered(router: Router, request: axum::http::request::Builder) -> Answered {
    let request = request.header(HOST, "localhost:8080").body(Body::empty()).unwrap();
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let bytes = to_bytes(body, MOST).await.unwrap();
    Answered { status: parts.status, headers: parts.headers, bytes }
}

/// Scores of every kind: unknown margins, all tiers, all words, ties.
pub fn scores() -> DataFrame {
    let rows = 0..CUSTOMERS;
    let probability = |row: usize| ((CUSTOMERS - row) as f64 / (CUSTOMERS + 1) as f64 * 10_000.0).round() / 10_000.0;
    let probabilities: Vec<f64> = rows.clone().map(probability).collect();
    let margins: Vec<Option<f64>> =
        rows.clone().map(|row| (row % 7 != 3).then_some(((row * 13) % 50) as f64 - 5.0)).collect();
    let losses: Vec<Option<f64>> = probabilities
        .iter()
        .zip(&margins)
        .map(|(probability, margin)| margin.map(|margin| (probability * margin.max(0.0) * 100.0).round() / 100.0))
        .collect();
    let word =
        |words: &'static [Option<&'static str>]| rows.clone().map(|row| words[row % words.len()]).collect::<Vec<_>>();
    let mut frame = df!(
        "customer_id" => rows.clone().map(|row| format!("C{:05}", (row * 37) % 1000)).collect::<Vec<_>>(),
        "churn_proba" => &probabilities,
        "proba_low" => probabilities.iter().map(|p| (p - 0.1).max(0.0)).collect::<Vec<_>>(),
        "proba_high" => probabilities.iter().map(|p| (p + 0.1).min(1.0)).collect::<Vec<_>>(),
        "churn_pred" => probabilities.iter().map(|p| i32::from(*p >= 0.3)).collect::<Vec<_>>(),
        "churn_actual" => rows.clone().map(|row| (row % 3 == 0).then_some((row % 2) as i32)).collect::<Vec<_>>(),
        "risk_tier" => probabilities.iter().map(|p| RiskTier::of(*p).as_str()).collect::<Vec<_>>(),
        "expected_monthly_loss" => losses,
        "avg_monthly_margin" => margins,
        "total_margin_2024" => rows.clone().map(|row| row as f64).collect::<Vec<_>>(),
        "segment" => word(&[Some("Residential"), Some("SME"), Some("Corporate"), None]),
        "tenure_months" => rows.clone().map(|row| (row % 11 != 5).then_some((row % 40) as f64)).collect::<Vec<_>>(),
        "renewal_bucket" => word(&[Some("expired"), Some("0-3m"), Some("3-6m"), Some("6-12m"), Some("12m+")]),
        "sentiment_label" => word(&[None, Some("negative"), Some("neutral")]),
        "has_interaction" => rows.clone().map(|row| i32::from(row % 3 != 0)).collect::<Vec<_>>(),
        "customer_intent" => word(&[None, Some("Complaint / Escalation"), Some("Contract Renewal")]),
        "province_code" => rows.clone().map(|row| (row % 5 != 4).then_some((row % 52 + 1) as i32)).collect::<Vec<_>>(),
        "model_version" => vec![MODEL; CUSTOMERS],
        "as_of" => vec![20_088_i32; CUSTOMERS],
        "sales_channel" => word(&[Some("Office"), Some("Own Website")]),
        "in_training" => rows.clone().map(|row| i32::from(row % 5 != 0)).collect::<Vec<_>>(),
    )
    .unwrap();
    let as_of = frame.column("as_of").and_then(|column| column.cast(&DataType::Date)).unwrap();
    frame.with_column(as_of).unwrap();
    frame
}

/// Recommendations of the same customers in the same order.
pub fn recommendations() -> DataFrame {
    let scores = scores();
    let probabilities: Vec<f64> = scores.column("churn_proba").unwrap().f64().unwrap().iter().flatten().collect();
    let action = |p: &f64| {
        if *p >= 0.6 {
            "offer_large"
        } else if *p >= 0.4 {
            "offer_small"
        } else {
            "no_offer"
        }
    };
    let window = |p: &f64| if *p >= 0.8 { "immediate" } else { "30_60_days" };
    df!(
        "customer_id" => scores.column("customer_id").unwrap().as_materialized_series(),
        "risk_score" => &probabilities,
        "segment" => scores.column("segment").unwrap().as_materialized_series(),
        "action" => probabilities.iter().map(action).collect::<Vec<_>>(),
        "timing_window" => probabilities.iter().map(window).collect::<Vec<_>>(),
        "expected_margin_impact" => scores.column("expected_monthly_loss").unwrap().as_materialized_series(),
        "max_offer_eur" => probabilities.iter().map(|p| p * 10.0).collect::<Vec<_>>(),
        "reason_codes" => vec!["prices;tone"; probabilities.len()],
        "reasons" => vec!["Prices rose | The tone was angry"; probabilities.len()],
        "model_version" => vec![MODEL; probabilities.len()],
    )
    .unwrap()
}

fn texts() -> ReasonTexts {
    let sentence = |en: &str, es: &str| Sentence { en: en.to_owned(), es: es.to_owned() };
    ReasonTexts {
        reasons: BTreeMap::from([
            ("prices".to_owned(), sentence("Prices rose", "Los precios subieron")),
            ("tone".to_owned(), sentence("The tone was angry", "El tono era de enfado")),
        ]),
        advice: Action::ALL.into_iter().map(|action| (action, sentence("Call", "Llame"))).collect(),
        features: BTreeMap::new(),
        told_by: BTreeMap::new(),
    }
}

/// A column as numbers, for comparing.
pub fn numbers(frame: &DataFrame, name: &str) -> Vec<Option<f64>> {
    frame.column(name).and_then(Column::f64).unwrap().iter().collect()
}
