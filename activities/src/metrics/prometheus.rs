//! Figures on the worker's own `/metrics`, beside those of the Temporal SDK, by the SDK's meter.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Utc;
use temporalio_common::telemetry::metrics::{CoreMeter, MetricKeyValue, MetricParameters, NewAttributes};

use super::name::{Kind, SEEN, Shown};
use super::{Figure, FigureName};

/// The Prometheus adapter: what is shown is what this process saw last.
#[derive(Debug, Clone)]
pub struct PrometheusMetrics {
    meter: Arc<dyn CoreMeter>,
}

impl PrometheusMetrics {
    /// Metrics by a meter. Counters are there from the start: an increase from nothing to one is none for Prometheus.
    pub fn new(meter: Arc<dyn CoreMeter>) -> Self {
        let metrics = Self { meter };
        for shown in FigureName::ALL.into_iter().filter_map(FigureName::in_prometheus) {
            if shown.kind == Kind::Counter {
                metrics.set(&shown, 0.0, None);
            }
        }
        metrics
    }

    /// Shows what can be shown, and when it was seen; how many figures that were.
    #[expect(clippy::disallowed_methods, reason = "when something was seen is a fact, not a computation")]
    pub(super) fn show(&self, figures: &[Figure]) -> usize {
        let mut occasions = BTreeSet::new();
        let mut count = 0;
        for figure in figures {
            let Some(shown) = figure.name.in_prometheus() else { continue };
            self.set(&shown, figure.value * shown.scale, figure.of.as_deref());
            occasions.insert(figure.name.occasion());
            count += 1;
        }
        let now = Utc::now().timestamp() as f64;
        for occasion in occasions {
            self.set(&SEEN, now, Some(occasion.as_str()));
        }
        count
    }

    /// The meter finds an instrument of before by its name.
    fn set(&self, shown: &Shown, value: f64, of: Option<&str>) {
        let label = shown.label.zip(of).map(|(label, of)| MetricKeyValue::new(label, of.to_owned()));
        let attributes = self.meter.new_attributes(NewAttributes::from(label));
        // The exporter itself adds the end that counters have.
        let name = shown.name.strip_suffix("_total").unwrap_or(shown.name);
        let parameters = MetricParameters::builder().name(name).description(shown.help).build();
        match shown.kind {
            Kind::Counter => self.meter.counter(parameters).add(value as u64, &attributes),
            Kind::Gauge => self.meter.gauge_f64(parameters).record(value, &attributes),
        }
    }
}

#[cfg(test)]
mod tests {
    use temporalio_common::telemetry::{PrometheusExporterOptions, start_prometheus_metric_exporter};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use crate::metrics::{Metrics, of_failure, of_layer};

    async fn page(address: std::net::SocketAddr) -> String {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn figures_stand_on_the_page_that_prometheus_reads() {
        let options = PrometheusExporterOptions::builder()
            .socket_addr("127.0.0.1:0".parse().unwrap())
            .counters_total_suffix(true)
            .build();
        let exporter = start_prometheus_metric_exporter(options).unwrap();
        let metrics = Metrics::default().with_prometheus(exporter.meter);
        let at_first = page(exporter.bound_addr).await;
        assert!(at_first.contains("spanishgas_runs_failed_total 0"), "{at_first}");
        assert!(!at_first.contains("spanishgas_findings"), "nobody has looked yet: {at_first}");

        for _ in 0..2 {
            metrics.publish(&of_failure()).await.unwrap();
        }
        assert_eq!(metrics.show(&of_layer("gold", 3)), 1);
        metrics.show(&of_layer("silver", 9));
        metrics.show(&of_layer("gold", 1));
        let page = page(exporter.bound_addr).await;
        assert!(page.contains("spanishgas_seen_timestamp_seconds{what=\"layer\"}"), "{page}");
        for line in [
            "spanishgas_runs_failed_total 2",
            "spanishgas_findings{layer=\"gold\"} 1",
            "spanishgas_findings{layer=\"silver\"} 9",
            "# TYPE spanishgas_findings gauge",
            "# TYPE spanishgas_runs_failed_total counter",
        ] {
            assert!(page.lines().any(|found| found == line), "{line} is not in\n{page}");
        }
    }
}
