//! The sums of the filtered recommendations.

use churn::recommend::RuleReason;

use super::columns::Offers;

/// What the cards and pictures show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sums {
    /// All that pass the filters.
    pub all: u64,
    /// By action in the order of `Action::ALL`, then by tier in that of `RiskTier::ALL`.
    pub by_action: [[u64; 4]; 4],
    /// How many offers there are.
    pub offers: u64,
    /// What they may cost together, EUR a month.
    pub budget: f64,
    /// The expected loss of those who get one, EUR a month.
    pub covered: f64,
    /// The expected loss of all, EUR a month.
    pub at_risk: f64,
    /// What the offers are expected to be worth, EUR over the months of the settings; none of runs from before that was
    /// said.
    pub worth: Option<f64>,
    /// Offers that may fall due after the renewal.
    pub late: u64,
    /// Offers that were withheld, by rule.
    pub withheld: Vec<(RuleReason, u64)>,
    /// The reasons, the most frequent first; of the same number in the order of their codes.
    pub reasons: Vec<OfReason>,
}

/// The customers of a reason.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct OfReason {
    /// Its place among the codes.
    pub code: u16,
    /// How many.
    pub customers: u64,
    /// How many of them have a known loss.
    known: u64,
    loss: f64,
}

impl OfReason {
    /// Their mean expected loss, EUR a month, over those whose loss is known.
    pub fn mean_loss(&self) -> Option<f64> {
        (self.known > 0).then(|| self.loss / self.known as f64)
    }
}

impl Sums {
    /// Sums up rows.
    pub fn of(offers: &Offers, rows: &[usize]) -> Self {
        let mut sums = Self { all: rows.len() as u64, ..Self::default() };
        let code = |place: usize| OfReason { code: place as u16, ..OfReason::default() };
        let mut reasons: Vec<OfReason> = (0..offers.reasons.codes.len()).map(code).collect();
        sums.worth = offers.worth.as_ref().map(|_| 0.0);
        for &row in rows {
            let loss = offers.customers.loss[row];
            sums.by_action[offers.action[row] as usize][offers.customers.tier[row] as usize] += 1;
            sums.at_risk += loss.unwrap_or_default();
            if offers.is_offered(row) {
                sums.offers += 1;
                sums.budget += offers.most[row];
                sums.covered += loss.unwrap_or_default();
                sums.worth = sums.worth.zip(offers.expected(row)).map(|(sum, worth)| sum + worth);
                sums.late += u64::from(offers.worth.as_ref().is_some_and(|worth| worth.is_late[row]));
            }
            for &code in offers.reasons.of_row(row) {
                let of_reason = &mut reasons[usize::from(code)];
                of_reason.customers += 1;
                of_reason.known += u64::from(loss.is_some());
                of_reason.loss += loss.unwrap_or_default();
            }
        }
        let count = |place: Option<u16>| place.map_or(0, |place| reasons[usize::from(place)].customers);
        sums.withheld = offers.withholding().into_iter().map(|(rule, place)| (rule, count(place))).collect();
        reasons.retain(|reason| reason.customers > 0);
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.customers));
        Self { reasons, ..sums }
    }

    /// The customers of an action, in the order of `Action::ALL`.
    pub fn of_action(&self, action: usize) -> u64 {
        self.by_action[action].iter().sum()
    }
}
