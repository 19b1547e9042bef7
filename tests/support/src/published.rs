//! One lake with a finished run in train mode, for the promises that only look at it or add to it.

use std::sync::OnceLock;

use serde_json::Value;

use super::settings::LENIENT;
use super::site::Site;

/// The site and its first run's result, under the ID that the data gives.
pub struct Published {
    /// Where.
    pub site: Site,
    /// What the run printed with `--json`.
    pub result: Value,
}

impl Published {
    /// The lake; the first caller makes it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Published> = OnceLock::new();
        SHARED.get_or_init(|| {
            let site = Site::new(LENIENT);
            let result = site.run(&["--mode", "train", "--json"]).json();
            Self { site, result }
        })
    }

    /// The first run's workflow ID.
    pub fn workflow_id(&self) -> &str {
        text(&self.result["workflow_id"])
    }
}

/// The version of the model of a run's result.
pub fn version(result: &Value) -> &str {
    text(&result["model"]["version"])
}

/// A JSON value that must be text.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not text"))
}
