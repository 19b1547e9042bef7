//! What shows in the lake how far a run is: every manifest, report and pointer, in the order of the work.

use std::time::Duration;

use support::eventually::promptly;
use support::lake::TestLake;

/// The first of anything takes a moment on a busy machine.
const WITHIN: Duration = Duration::from_mins(3);

/// One object: its folder, and how its key ends.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// How people call it.
    pub name: &'static str,
    folder: &'static str,
    ending: &'static str,
}

const fn mark(name: &'static str, folder: &'static str, ending: &'static str) -> Mark {
    Mark { name, folder, ending }
}

/// Every manifest, every report of a contract and every pointer.
pub const MARKS: [Mark; 22] = [
    mark("contract of raw", "monitoring", "/quality_raw.json"),
    mark("bronze_customer", "bronze/bronze_customer", "/manifest.json"),
    mark("hourly_sums", "bronze/hourly_sums", "/manifest.json"),
    mark("bronze_customer_month", "bronze/bronze_customer_month", "/manifest.json"),
    mark("contract of bronze", "monitoring", "/quality_bronze.json"),
    mark("silver", "silver", "/manifest.json"),
    mark("contract of silver", "monitoring", "/quality_silver.json"),
    mark("gold", "gold", "/manifest.json"),
    mark("contract of gold", "monitoring", "/quality_gold.json"),
    mark("training", "models/train", "/manifest.json"),
    mark("evaluation", "evaluated", "/manifest.json"),
    mark("verdict", "models", "/verdict.json"),
    mark("registration", "models", "/registration.json"),
    mark("champion", "models", "models/champion.json"),
    mark("move of the champion", "models/moves", "/000001.json"),
    mark("scores", "scored/scores", "/manifest.json"),
    mark("recommendations", "scored/recommendations", "/manifest.json"),
    mark("drift", "monitoring/drift", "/manifest.json"),
    mark("published", "published", "published.json"),
    mark("latest scores", "scored", "scored/latest.json"),
    mark("latest monitoring", "monitoring", "monitoring/latest.json"),
    mark("record of the run", "runs", "/run.json"),
];

/// The stages, and the marks that are all there when each of them begins.
pub const STAGES: [(&str, &[&str]); 12] = [
    ("raw", &[]),
    ("bronze_customer", &["contract of raw"]),
    ("bronze_customer_month", &["contract of raw"]),
    ("silver", &["contract of bronze"]),
    ("gold", &["contract of silver"]),
    ("train", &["contract of gold"]),
    ("evaluate", &["training"]),
    ("gate", &["evaluation"]),
    ("score", &["registration", "champion", "move of the champion"]),
    ("recommend", &["scores"]),
    ("drift", &["registration", "champion", "move of the champion"]),
    ("publish", &["recommendations", "drift"]),
];

impl Mark {
    /// The mark of this name.
    pub fn named(name: &str) -> Self {
        *MARKS.iter().find(|mark| mark.name == name).unwrap_or_else(|| panic!("no mark is called {name}"))
    }

    /// Whether it is there.
    pub fn is_in(self, lake: &TestLake) -> bool {
        lake.has(self.ending) || lake.keys(&[self.folder]).iter().any(|key| key.ends_with(self.ending))
    }

    /// Waits until it is there.
    pub fn await_in(self, lake: &TestLake) {
        promptly(&format!("{} is in the lake", self.name), WITHIN, || self.is_in(lake).then_some(()));
    }
}

/// Waits until a stage begins.
pub fn await_stage(lake: &TestLake, marks: &[&str]) {
    for name in marks {
        Mark::named(name).await_in(lake);
    }
}
