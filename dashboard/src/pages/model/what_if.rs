//! What another threshold would do, from the points of the precision-recall curve. It changes nothing.

use churn::model::Evaluation;

/// What flagging from a probability on would have done on the holdout.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WhatIf {
    /// From this probability on.
    pub threshold: f64,
    /// Churners among those flagged; none where nobody is.
    pub precision: Option<f64>,
    /// Churners that are flagged.
    pub recall: f64,
    /// How many are flagged; not known where none of them churned, since the curve tells it by its churners.
    pub flagged: Option<f64>,
    /// Churners among them.
    pub found: f64,
    /// Churners that are not flagged.
    pub missed: f64,
}

impl WhatIf {
    /// At the last point of the curve that is not below the threshold. The curve is thinned to 200 points, so that more
    /// may be flagged by less than one of its steps.
    pub fn of(evaluation: &Evaluation, threshold: f64) -> Self {
        let positives = evaluation.summary.holdout_positives as f64;
        let points = &evaluation.curves.precision_recall;
        let Some(point) = points.iter().rev().find(|point| point.threshold >= threshold) else {
            let nobody = (None, 0.0, Some(0.0), 0.0);
            let (precision, recall, flagged, found) = nobody;
            return Self { threshold, precision, recall, flagged, found, missed: positives };
        };
        let found = point.recall * positives;
        Self {
            threshold,
            precision: Some(point.precision),
            recall: point.recall,
            flagged: (point.precision > 0.0).then(|| found / point.precision),
            found,
            missed: positives - found,
        }
    }

    /// What offers to all that are flagged would cost, where one costs so much.
    pub fn cost(&self, offer: f64) -> Option<f64> {
        self.flagged.map(|flagged| flagged * offer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::model::tests::evaluation;

    #[test]
    fn a_threshold_is_the_point_that_flags_what_reaches_it() {
        // Ten churners; the points are at 0.8 (precision 1, recall 0.4) and at 0.4 (precision 0.5, recall 0.8).
        let evaluation = evaluation("v", None);
        let between = WhatIf::of(&evaluation, 0.5);
        assert_eq!((between.precision, between.recall), (Some(1.0), 0.4));
        assert_eq!((between.flagged, between.found, between.missed), (Some(4.0), 4.0, 6.0));
        let low = WhatIf::of(&evaluation, 0.4);
        assert_eq!((low.flagged, low.cost(2.5)), (Some(16.0), Some(40.0)));
    }

    #[test]
    fn above_every_score_nobody_is_flagged_and_precision_is_not_known() {
        let nobody = WhatIf::of(&evaluation("v", None), 0.95);
        assert_eq!((nobody.precision, nobody.flagged, nobody.missed), (None, Some(0.0), 10.0));
    }
}
