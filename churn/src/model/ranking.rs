//! Rows from the highest score to the lowest, equal scores together.
//!
//! Average precision, ROC-AUC, curves and thresholds are all one walk down this order; the
//! bootstrap repeats the walk with other weights and need not sort again.

/// A sorted view of scores.
#[derive(Debug, Clone)]
pub(super) struct Ranking {
    /// Row numbers, highest score first; equal scores in row order.
    order: Vec<usize>,
    /// Where each group of equal scores ends in `order`.
    ends: Vec<usize>,
}

impl Ranking {
    /// Sorts finite scores.
    pub fn new(scores: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
        let ends = (1..=order.len())
            .filter(|&end| end == order.len() || scores[order[end]] != scores[order[end - 1]])
            .collect();
        Self { order, ends }
    }

    /// The groups of rows with equal scores.
    pub fn ties(&self) -> impl Iterator<Item = &[usize]> {
        self.ends.iter().scan(0, |start, &end| {
            let tie = &self.order[*start..end];
            *start = end;
            Some(tie)
        })
    }

    /// The areas under both curves when row `i` counts `weights[i]` times; `None` without both classes.
    ///
    /// Average precision is the step-wise sum of precision x recall gained, as scikit-learn has it;
    /// ROC-AUC counts a tie between a churner and a stayer as one half.
    pub fn areas(&self, labels: &[bool], weights: impl Fn(usize) -> f64) -> Option<Areas> {
        let (mut positives, mut negatives) = (0.0, 0.0);
        let (mut precision_sum, mut pairs) = (0.0, 0.0);
        for tie in self.ties() {
            let (mut churners, mut stayers) = (0.0, 0.0);
            for &row in tie {
                let weight = weights(row);
                if labels[row] { churners += weight } else { stayers += weight }
            }
            pairs += stayers * (positives + churners / 2.0);
            positives += churners;
            negatives += stayers;
            if churners > 0.0 {
                precision_sum += churners * positives / (positives + negatives);
            }
        }
        (positives > 0.0 && negatives > 0.0).then(|| Areas {
            pr_auc: precision_sum / positives,
            roc_auc: pairs / (positives * negatives),
            base_rate: positives / (positives + negatives),
        })
    }
}

/// The areas under the precision-recall and the ROC curve, and what a ranking by lot would have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Areas {
    pub pr_auc: f64,
    pub roc_auc: f64,
    /// The share of churners: the PR-AUC of a ranking by lot.
    pub base_rate: f64,
}

impl Areas {
    /// How many times better than by lot: PR-AUC over the base rate.
    pub fn lift(self) -> f64 {
        self.pr_auc / self.base_rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_form_one_group() {
        let ranking = Ranking::new(&[0.2, 0.9, 0.2, 0.5]);
        let ties: Vec<&[usize]> = ranking.ties().collect();
        assert_eq!(ties, [&[1][..], &[3], &[0, 2]]);
    }

    #[test]
    fn a_weight_of_two_is_the_same_row_twice() {
        let (labels, scores) = ([true, false, true, false], [0.9, 0.8, 0.4, 0.4]);
        let weighted = Ranking::new(&scores).areas(&labels, |row| if row == 1 { 2.0 } else { 1.0 });
        let repeated = Ranking::new(&[0.9, 0.8, 0.8, 0.4, 0.4]).areas(&[true, false, false, true, false], |_| 1.0);
        assert_eq!(weighted, repeated);
    }

    #[test]
    fn one_class_alone_has_no_areas() {
        assert_eq!(Ranking::new(&[0.1, 0.2]).areas(&[true, true], |_| 1.0), None);
    }
}
