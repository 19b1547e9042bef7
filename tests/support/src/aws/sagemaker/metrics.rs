//! Metrics as SageMaker finds them: patterns on the lines of a job's output.

use std::collections::BTreeMap;

use regex::Regex;

/// The last value of each metric that the output holds: the first group of its pattern.
pub fn metrics_of(output: &str, definitions: &[(String, String)]) -> BTreeMap<String, f64> {
    let last = |(name, pattern): &(String, String)| {
        let pattern = Regex::new(pattern).unwrap_or_else(|error| panic!("metric {name}: {error}"));
        let mut groups = output.lines().filter_map(|line| pattern.captures(line)?.get(1)?.as_str().parse().ok());
        Some((name.clone(), groups.next_back()?))
    };
    definitions.iter().filter_map(last).collect()
}

#[test]
fn the_last_value_of_a_metric_counts() {
    let definition = |name: &str, pattern: &str| (name.to_owned(), pattern.to_owned());
    let definitions = [definition("loss", "loss=([0-9.]+)"), definition("auc", "auc=([0-9.]+)")];
    let found = metrics_of("round 1 loss=0.5\nround 2 loss=0.25\nloss=much\n", &definitions);
    assert_eq!(found, BTreeMap::from([("loss".to_owned(), 0.25)]));
}
