//! The features that a model may use.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use churn::features::{Calendar, FeatureTiers};
use churn::gold::{Window, definition, windows};
use serde_norway::Value;

use super::defaults::in_yaml;
use super::markdown::{code, table};
use super::sources;

pub fn text() -> String {
    let tiers = file("feature_tiers.yaml");
    let reasons = file("reason_codes.yaml");
    let registry = file("column_registry.yaml");
    let columns = registry["tables"]["gold_master"]["columns"].as_sequence().expect("the columns of gold_master");

    let mut text = String::from(
        "# Features\n\nColumns of `gold_master`, by tier. An experiment is a list of tiers. Of a numeric feature null \
         stays missing, of a flag it is 0, a category is one-hot over the values seen in training. What is called `_2024`, \
         `_12m` or yearly covers the twelve months that end with the last whole month by the run's date, as far as the customer \
         has them, whatever else the readings hold.\n",
    );
    write!(text, "\nThe experiment that runs when none is named: {}.\n\n", code(&words(&tiers["champion"]))).unwrap();
    let experiments: Vec<_> = tiers["experiments"].as_mapping().expect("the experiments").iter().collect();
    let rows = experiments.iter().map(|(name, tiers)| {
        let tiers = tiers.as_sequence().expect("a list of tiers");
        [code(&words(name)), tiers.iter().map(words).collect::<Vec<_>>().join(", ")]
    });
    text += &table(["experiment", "tiers"], rows);

    text += "\nEach feature says which time it reads, its window: nothing of it lies after `as_of` but what is known \
             in advance ([time.md](../time.md#windows)).\n\n";
    let meanings = Window::ALL.map(|window| [window.name().to_owned(), window.meaning().to_owned()]);
    text += &table(["window", "meaning"], meanings);

    text +=
        "\nAnd how it depends on the date while nothing happens to a customer: [drift](../drift.md) asks for it.\n\n";
    text += &table(["calendar", "meaning"], Calendar::ALL.map(|it| [code(it.as_str()), it.meaning().to_owned()]));
    text += "\nIn the definitions scm are the months in view of `silver_customer_month`; months of a span are days / 30.44. What \
             needs a value that is not known is null, and a flag of it is 0.\n";
    let calendar = FeatureTiers::parse(&sources::read("configs/feature_tiers.yaml")).expect("the tiers").calendar();

    for (tier, features) in tiers["tiers"].as_mapping().expect("the tiers") {
        let holds = |list: &Value| list.as_sequence().is_some_and(|list| list.contains(tier));
        let used_by = experiments.iter().filter(|(_, tiers)| holds(tiers)).map(|(name, _)| code(&words(name)));
        let used_by = used_by.collect::<Vec<_>>().join(", ");
        let champions = tiers["experiments"].get(&tiers["champion"]).is_some_and(holds);
        let scores = if champions { "The champion's experiment uses it" } else { "No champion uses it by default" };
        write!(text, "\n## {}\nIn the experiments {used_by}. {scores}.\n\n", words(tier)).unwrap();
        let features = features.as_sequence().expect("a list of features");
        let rows = features.iter().map(|feature| row(feature, &calendar, &reasons["features"], columns));
        let head = ["feature", "kind", "meaning", "definition", "window", "calendar", "reason code", "values"];
        text += &table(head, rows);
    }
    text
}

fn row(feature: &Value, calendar: &BTreeMap<String, Calendar>, reasons: &Value, columns: &[Value]) -> [String; 8] {
    let name = words(&feature["name"]);
    let reason = &reasons[name.as_str()];
    let column = columns.iter().find(|column| column["name"] == feature["name"]);
    let values = column.map(allowed).unwrap_or_default();
    let window = windows(&name).expect("the catalogue knows every feature");
    let window = window.iter().map(|window| window.name()).collect::<Vec<_>>().join(", ");
    let definition = definition(&name).expect("the catalogue defines every feature").to_owned();
    let (kind, meaning, reason) = (words(&feature["kind"]), words(&reason["en"]), code(&words(&reason["code"])));
    let calendar = code(calendar[&name].as_str());
    [code(&name), kind, meaning, definition, window, calendar, reason, values]
}

/// What the contract of the column allows.
fn allowed(column: &Value) -> String {
    let bound = |name: &str| column.get("range").and_then(|range| range.get(name)).and_then(in_yaml);
    if let Some(list) = column.get("values").and_then(|values| values["allowed"].as_sequence()) {
        return list.iter().map(|value| code(&words(value))).collect::<Vec<_>>().join(", ");
    }
    match (bound("min"), bound("max")) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("from {least}"),
        (None, Some(most)) => format!("to {most}"),
        (None, None) => String::new(),
    }
}

fn file(name: &str) -> Value {
    serde_norway::from_str(&sources::read(&format!("configs/{name}"))).expect(name)
}

fn words(value: &Value) -> String {
    in_yaml(value).unwrap_or_default()
}
