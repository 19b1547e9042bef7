//! `calibration`: the probabilities mean what they say, and no less than those of the champions.

use crate::model::decide::check::Check;
use crate::model::decide::check_name::CheckName;
use crate::model::decide::settings::{CalibrationLimits, GateSettings};
use crate::model::measure::evaluate::EvaluationSummary;
use crate::model::measure::for_gate::GateFigures;

/// The slope lies within its limits, and the Brier score is not above the better one of champion and best champion by more
/// than is allowed.
pub fn calibration(evaluation: &EvaluationSummary, figures: &GateFigures, settings: &GateSettings) -> Check {
    let limits = &settings.calibration;
    let slope = figures.calibration.slope;
    let nearest = if slope < 1.0 { limits.min_slope } else { limits.max_slope };
    let check = |value, limit, passed, note| Check { name: CheckName::Calibration, value, limit, passed, note };
    let positives = evaluation.holdout_positives;
    if positives < limits.min_positives {
        let note = format!("not evaluated: {positives} churners on the holdout, {} are needed", limits.min_positives);
        return check(None, nearest, true, note);
    }
    let is_within = (limits.min_slope..=limits.max_slope).contains(&slope);
    let told = slope_in_words(slope, limits, is_within);
    let Some(lost) = Lost::of(evaluation, figures) else {
        let note = format!("{told}; there is no champion to compare the Brier score with");
        return check(Some(slope), nearest, is_within, note);
    };
    let is_good = lost.brier <= limits.max_brier_loss;
    let note = format!("{told}; {}", lost.in_words(evaluation.metrics.brier, limits, is_good));
    if is_within && !is_good {
        return check(Some(lost.brier), limits.max_brier_loss, false, note);
    }
    check(Some(slope), nearest, is_within && is_good, note)
}

fn slope_in_words(slope: f64, limits: &CalibrationLimits, is_within: bool) -> String {
    let relation = if is_within { "lies within" } else { "is not within" };
    format!("calibration slope {slope:.2} {relation} {:.2} to {:.2}", limits.min_slope, limits.max_slope)
}

/// What the Brier score is above the better one of champion and best champion.
struct Lost<'a> {
    brier: f64,
    against: &'a str,
}

impl<'a> Lost<'a> {
    fn of(evaluation: &'a EvaluationSummary, figures: &'a GateFigures) -> Option<Self> {
        let champions = evaluation.champion.iter().chain(&figures.best.compared);
        let best = champions.min_by(|a, b| a.brier.total_cmp(&b.brier))?;
        Some(Self { brier: evaluation.metrics.brier - best.brier, against: &best.version })
    }

    fn in_words(&self, own: f64, limits: &CalibrationLimits, is_good: bool) -> String {
        let relation = if is_good { "not more than" } else { "more than" };
        format!(
            "Brier score {own:.4} is {:+.4} from that of champion {}, {relation} {:+.4}",
            self.brier, self.against, limits.max_brier_loss
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{against, figures, summary};
    use super::*;
    use crate::model::measure::comparison::ChampionComparison;
    use crate::model::measure::for_gate::calibration_line::CalibrationLine;

    fn judged(slope: f64, briers: [Option<f64>; 2]) -> Check {
        let of = |(version, brier): (&str, Option<f64>)| {
            brier.map(|brier| ChampionComparison { brier, ..against(version, 0.0) })
        };
        let mut figures = GateFigures { calibration: CalibrationLine { slope, intercept: 0.0 }, ..figures() };
        figures.best.compared = of(("best", briers[1]));
        let summary = EvaluationSummary { champion: of(("now", briers[0])), ..summary() };
        calibration(&summary, &figures, &GateSettings::default())
    }

    #[test]
    fn a_slope_at_an_end_is_within_and_one_beyond_is_not() {
        for (slope, passes, limit) in [
            (0.8, true, 0.8),
            (0.8_f64.next_down(), false, 0.8),
            (1.25, true, 1.25),
            (1.25_f64.next_up(), false, 1.25),
            (f64::NAN, false, 1.25),
        ] {
            let check = judged(slope, [None, None]);
            assert_eq!((check.passed, check.limit), (passes, limit), "{check:?}");
        }
    }

    #[test]
    fn the_brier_score_is_held_against_the_better_one_of_champion_and_best() {
        // The challenger has 0.045.
        for (briers, passes, whom) in [
            ([Some(0.041), None], true, "champion now"),
            ([Some(0.039), None], false, "champion now"),
            ([Some(0.045), Some(0.039)], false, "champion best"),
            ([None, Some(0.041)], true, "champion best"),
            ([Some(f64::NAN), None], false, "champion now"),
        ] {
            let check = judged(1.0, briers);
            assert_eq!(check.passed, passes, "{check:?}");
            assert!(check.note.contains(whom), "{check:?}");
            assert!(check.note.starts_with("calibration slope 1.00 lies within 0.80 to 1.25; Brier score 0.0450"));
        }
        let failed = judged(1.0, [Some(0.039), None]);
        assert!((failed.value.unwrap() - 0.006).abs() < 1e-12 && failed.limit == 0.005, "{failed:?}");
    }

    #[test]
    fn few_churners_say_nothing_of_calibration() {
        let few = EvaluationSummary { holdout_positives: 99, ..summary() };
        let mut figures = figures();
        figures.calibration.slope = 3.0;
        let check = calibration(&few, &figures, &GateSettings::default());
        assert_eq!((check.passed, check.value), (true, None));
        assert_eq!(check.note, "not evaluated: 99 churners on the holdout, 100 are needed");
    }
}
