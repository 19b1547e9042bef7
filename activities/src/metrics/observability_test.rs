//! Dashboard and rules in `infra/observability/` name metrics that there are, and the document names them all.

use std::collections::BTreeSet;

use regex::Regex;

use super::name::{FigureName, SEEN};

const FILES: [(&str, &str); 2] = [
    ("alerts.yaml", include_str!("../../../infra/observability/alerts.yaml")),
    ("grafana/spanishgas.json", include_str!("../../../infra/observability/grafana/spanishgas.json")),
];
const DOCUMENT: &str = include_str!("../../../docs/observability.md");

/// Those of the Temporal SDK 1.1.1 that we draw; a pin that is raised is held against this list.
const OF_THE_SDK: [&str; 2] = ["temporal_worker_task_slots_available", "temporal_worker_task_slots_used"];

fn ours() -> BTreeSet<&'static str> {
    FigureName::ALL.into_iter().filter_map(FigureName::in_prometheus).chain([SEEN]).map(|shown| shown.name).collect()
}

fn named(text: &str) -> BTreeSet<&str> {
    // No letter before it: `job="spanishgas"` and file names are none.
    let name = Regex::new(r"\b(?:spanishgas|temporal)_[a-z_]+").unwrap();
    name.find_iter(text).map(|found| found.as_str()).collect()
}

#[test]
fn every_metric_in_dashboard_and_rules_is_one_that_there_is() {
    let known: BTreeSet<_> = ours().into_iter().chain(OF_THE_SDK).collect();
    for (file, text) in FILES {
        let unknown: Vec<_> = named(text).into_iter().filter(|name| !known.contains(name)).collect();
        assert!(unknown.is_empty(), "{file} names metrics that nobody has: {unknown:?}");
    }
    let drawn: BTreeSet<_> = FILES.iter().flat_map(|(_, text)| named(text)).collect();
    let never: Vec<_> = known.iter().filter(|name| !drawn.contains(*name)).collect();
    assert!(never.is_empty(), "nobody looks at {never:?}");
}

#[test]
fn the_document_names_every_metric_and_every_rule() {
    let rules = Regex::new(r"alert: (\w+)").unwrap();
    let rules = rules.captures_iter(FILES[0].1).map(|found| found.get(1).unwrap().as_str());
    let named = ours().into_iter().chain(rules);
    let missing: Vec<_> = named.filter(|name| !DOCUMENT.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/observability.md lacks {missing:?}");
}
