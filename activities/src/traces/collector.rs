//! Spans on their way to a collector, by OTLP over HTTP: in batches, from a task of their own, so that nobody waits for it.
//! What a collector does not take is lost, and the log says so once until it takes something again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::EnvResourceDetector;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanExporter as _, SpanLinks};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use super::spans::{Attribute, Span};
use crate::http::connector;
use crate::outside::is_address;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// So many spans wait at most; a run of 200 slices has some 250.
const WAITING: usize = 8192;
/// So many go at once.
const BATCH: usize = 512;
/// What ends within this goes together.
const COLLECTED_FOR: Duration = Duration::from_secs(1);
/// How long the collector may take, repetitions included.
const PATIENCE: Duration = Duration::from_secs(10);
/// A worker that stops waits no longer for its last spans.
const FLUSHED_WITHIN: Duration = Duration::from_secs(5);

/// The way to a collector.
#[derive(Debug, Clone)]
pub struct Collector {
    posts: mpsc::Sender<Post>,
    lost: Arc<AtomicU64>,
}

/// What the sending task is told.
#[derive(Debug)]
enum Post {
    /// Send it.
    Span(Box<Span>),
    /// Say when all of before is sent.
    Flush(oneshot::Sender<()>),
}

impl Collector {
    /// Starts the task that sends; it ends with the last clone of this.
    pub fn open(endpoint: &str, revision: &'static str) -> churn::Result<Self> {
        let exporter = exporter(endpoint, revision)?;
        let (posts, received) = mpsc::channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        tokio::spawn(send_all(exporter, revision, received, Arc::clone(&lost)));
        Ok(Self { posts, lost })
    }

    /// Sends a span, sometime.
    pub fn send(&self, span: Span) {
        if self.posts.try_send(Post::Span(Box::new(span))).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until all of before is sent.
    pub async fn flush(&self) {
        let flushed = async {
            let (done, heard) = oneshot::channel();
            if self.posts.send(Post::Flush(done)).await.is_ok() {
                // It may have ended: then nothing is left to wait for.
                let _ = heard.await;
            }
        };
        // Who is in trouble keeps no worker from its end.
        let _ = timeout(FLUSHED_WITHIN, flushed).await;
    }
}

fn exporter(endpoint: &str, revision: &'static str) -> churn::Result<SpanExporter> {
    if !is_address(endpoint) {
        return Err(churn::Error::settings(ENDPOINT, "it must begin with http:// or https://"));
    }
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(HyperClient::new(connector()?, PATIENCE, None))
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .with_timeout(PATIENCE)
        .build()
        .map_err(|error| churn::Error::settings(ENDPOINT, error.to_string()))?;
    let ours = [KeyValue::new("service.name", "spanishgas"), KeyValue::new("service.version", revision)];
    // OTEL_RESOURCE_ATTRIBUTES has the last word.
    let resource =
        Resource::builder_empty().with_attributes(ours).with_detector(Box::new(EnvResourceDetector::new())).build();
    exporter.set_resource(&resource);
    Ok(exporter)
}

async fn send_all(
    exporter: SpanExporter,
    revision: &'static str,
    mut received: mpsc::Receiver<Post>,
    lost: Arc<AtomicU64>,
) {
    let scope = InstrumentationScope::builder("spanishgas").with_version(revision).build();
    let mut is_in_trouble = false;
    let mut posts = Vec::with_capacity(BATCH);
    while received.recv_many(&mut posts, BATCH).await > 0 {
        let (mut batch, mut waiting) = (Vec::new(), Vec::new());
        for post in posts.drain(..) {
            match post {
                Post::Span(span) => batch.push(data_of(*span, &scope)),
                Post::Flush(done) => waiting.push(done),
            }
        }
        let spans = batch.len() as u64;
        let sent = if batch.is_empty() { Ok(()) } else { exporter.export(batch).await };
        let overflowed = lost.swap(0, Ordering::Relaxed);
        match sent {
            Ok(()) if overflowed == 0 => is_in_trouble &= spans == 0,
            Ok(()) => {
                tracing::warn!(spans = overflowed, "spans are lost: more were made than the collector takes in time");
            }
            Err(error) if !is_in_trouble => {
                is_in_trouble = true;
                tracing::warn!(%error, spans, "spans are lost: the collector does not take them");
            }
            Err(_) => {}
        }
        if waiting.is_empty() {
            sleep(COLLECTED_FOR).await;
        }
        for done in waiting {
            // Whoever asked may have gone.
            let _ = done.send(());
        }
    }
}

fn data_of(span: Span, scope: &InstrumentationScope) -> SpanData {
    let attributes = span.attributes.into_iter().map(|(name, value)| match value {
        Attribute::Text(text) => KeyValue::new(name, text),
        Attribute::Number(number) => KeyValue::new(name, number),
    });
    let trace = TraceId::from_bytes(span.trace);
    let id = SpanId::from_bytes(span.id);
    SpanData {
        span_context: SpanContext::new(trace, id, TraceFlags::SAMPLED, false, TraceState::default()),
        parent_span_id: span.parent.map_or(SpanId::INVALID, SpanId::from_bytes),
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: span.name.into(),
        start_time: span.begin,
        end_time: span.end,
        attributes: attributes.collect(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: span.problem.map_or(Status::Unset, Status::error),
        instrumentation_scope: scope.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::http::stub::Stub;

    fn span(name: &str) -> Span {
        Span {
            trace: [1; 16],
            id: [2; 8],
            parent: Some([3; 8]),
            name: name.to_owned(),
            begin: SystemTime::UNIX_EPOCH,
            end: SystemTime::UNIX_EPOCH + Duration::from_secs(1),
            attributes: vec![("spanishgas.rows", 7_u64.into())],
            problem: Some("SG0013 TrainingInterrupted".to_owned()),
        }
    }

    #[tokio::test]
    async fn spans_arrive_as_one_batch_below_the_endpoint() {
        let stub = Stub::answering(&[200]).await;
        let collector = Collector::open(&format!("{}/", stub.url), "abc").unwrap();
        collector.send(span("train_model"));
        collector.send(span("build_gold"));
        collector.flush().await;
        let asked = stub.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert!(asked[0].starts_with("POST /v1/traces HTTP/1.1"), "{asked:?}");
        assert!(asked[0].to_ascii_lowercase().contains("content-type: application/x-protobuf"), "{asked:?}");
        for part in ["train_model", "build_gold", "spanishgas.rows", "SG0013 TrainingInterrupted", "service.name"] {
            assert!(asked[0].contains(part), "{part}: {asked:?}");
        }
    }

    #[tokio::test]
    async fn a_collector_that_is_not_there_keeps_nobody_waiting_and_a_bad_address_is_refused() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let collector = Collector::open(&format!("http://{free}"), "abc").unwrap();
        collector.send(span("train_model"));
        timeout(2 * FLUSHED_WITHIN, collector.flush()).await.unwrap();
        let refused = Collector::open("collector:4318", "abc").unwrap_err().to_string();
        assert!(refused.contains(ENDPOINT), "{refused}");
    }
}
