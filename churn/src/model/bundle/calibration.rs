//! Which calibration a model uses, and how it was chosen.
//!
//! A probability must mean what it says: of those with 0.3, three in ten leave. Several ways lead there; on every
//! training they are compared on rows that neither the model nor the calibrator has seen, and the best is kept.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::beta::Beta;
use super::isotonic::Isotonic;
use super::platt::{Platt, sigmoid};
use crate::error::Result;
use crate::model::learner::Weighting;

/// A way from margins to probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationMethod {
    /// Platt scaling: one slope.
    Platt,
    /// Any increasing function.
    Isotonic,
    /// Beta calibration: two slopes.
    Beta,
    /// None: the probabilities as they are, of fits that give churners no more weight than others.
    #[serde(rename = "none")]
    Unchanged,
}

impl CalibrationMethod {
    /// All of them; of equally good ones the first is kept.
    pub const ALL: [Self; 4] = [Self::Platt, Self::Isotonic, Self::Beta, Self::Unchanged];

    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Platt => "platt",
            Self::Isotonic => "isotonic",
            Self::Beta => "beta",
            Self::Unchanged => "none",
        }
    }
}

impl fmt::Display for CalibrationMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A fitted calibration. In JSON it is one field, named by its method: models of before have `platt`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calibration {
    /// Platt scaling.
    Platt(Platt),
    /// Isotonic regression.
    Isotonic(Isotonic),
    /// Beta calibration.
    Beta(Beta),
    /// The margin is the log-odds already.
    #[serde(rename = "none")]
    Unchanged(Unchanged),
}

/// A calibration without parameters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unchanged {}

impl Calibration {
    /// Fits on margins that come from models which did not see their rows.
    pub(in crate::model) fn fit(method: CalibrationMethod, margins: &[f64], labels: &[bool]) -> Result<Self> {
        Ok(match method {
            CalibrationMethod::Platt => Self::Platt(Platt::fit(margins, labels)?),
            CalibrationMethod::Isotonic => Self::Isotonic(Isotonic::fit(margins, labels)?),
            CalibrationMethod::Beta => Self::Beta(Beta::fit(margins, labels)?),
            CalibrationMethod::Unchanged => Self::Unchanged(Unchanged {}),
        })
    }

    /// The calibrated probability of a margin.
    pub fn probability(&self, margin: f64) -> f64 {
        match self {
            Self::Platt(platt) => platt.probability(margin),
            Self::Isotonic(isotonic) => isotonic.probability(margin),
            Self::Beta(beta) => beta.probability(margin),
            Self::Unchanged(_) => sigmoid(margin),
        }
    }

    /// How it was made.
    pub fn method(&self) -> CalibrationMethod {
        match self {
            Self::Platt(_) => CalibrationMethod::Platt,
            Self::Isotonic(_) => CalibrationMethod::Isotonic,
            Self::Beta(_) => CalibrationMethod::Beta,
            Self::Unchanged(_) => CalibrationMethod::Unchanged,
        }
    }
}

/// How the calibration was chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationReport {
    /// The one that was kept.
    pub kept: CalibrationMethod,
    /// The weight of churners in the fits that it is of; nothing in reports of before, where each method had its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weighting: Option<Weighting>,
    /// All that were compared, in the order of the settings.
    pub compared: Vec<CalibrationFigures>,
}

/// One calibration on rows that neither it nor the model has seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationFigures {
    /// Which.
    pub method: CalibrationMethod,
    /// The weight of churners in the fits that it is of; nothing in reports of before, where each method had its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weighting: Option<Weighting>,
    /// Mean squared error of the probability.
    pub brier: f64,
    /// Expected calibration error over 10 quantile bins.
    pub ece: f64,
}

impl CalibrationReport {
    /// Whether a compared calibration is the one that was kept.
    pub fn keeps(&self, figures: &CalibrationFigures) -> bool {
        (figures.method, figures.weighting) == (self.kept, self.weighting)
    }
}

impl CalibrationFigures {
    /// The weight of churners in the fits that it is of. Before it was noted only `none` was of fits of even weights.
    pub fn weighting(&self) -> Weighting {
        self.weighting.unwrap_or(match self.method {
            CalibrationMethod::Platt | CalibrationMethod::Isotonic | CalibrationMethod::Beta => Weighting::Balanced,
            CalibrationMethod::Unchanged => Weighting::Even,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bundle::metadata::Calibrator;

    const MARGINS: [f64; 6] = [-2.0, -1.0, -0.5, 0.5, 1.0, 2.0];
    const LABELS: [bool; 6] = [false, true, false, false, true, true];

    #[test]
    fn every_method_gives_probabilities_that_do_not_fall() {
        for method in CalibrationMethod::ALL {
            let fit = Calibration::fit(method, &MARGINS, &LABELS).unwrap();
            let found: Vec<f64> = (-30..=30).map(|at| fit.probability(f64::from(at) / 10.0)).collect();
            assert!(found.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12), "{method}: {found:?}");
            assert!(found.iter().all(|p| (0.0..=1.0).contains(p)), "{method}: {found:?}");
            assert_eq!(fit.method(), method);
        }
    }

    #[test]
    fn a_calibrator_survives_json_and_one_of_before_is_read() {
        for method in CalibrationMethod::ALL {
            let calibration = Calibration::fit(method, &MARGINS, &LABELS).unwrap();
            let intervals = crate::model::ScoreIntervals { coverage: 0.9, tiers: Vec::new() };
            let calibrator = Calibrator { calibration, rows: 6, intervals };
            let json = serde_json::to_value(&calibrator).unwrap();
            assert!(json[method.as_str()].is_object(), "{json}");
            assert_eq!(serde_json::from_value::<Calibrator>(json).unwrap(), calibrator);
        }
        let before = r#"{"platt":{"slope":-0.8,"intercept":0.25},"rows":16,"intervals":{"coverage":0.9,"tiers":[]}}"#;
        let read: Calibrator = serde_json::from_str(before).unwrap();
        assert_eq!(read.calibration, Calibration::Platt(Platt { slope: -0.8, intercept: 0.25 }));
        assert!(serde_json::from_str::<Calibrator>(&before.replace("rows", "lines")).is_err());
    }
}
