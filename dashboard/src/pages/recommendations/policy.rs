//! The offer policy as the results show it: what each tier gets where nothing withholds it, and at which share of the
//! margin. It is read from the tables, not from somebody's settings of today, so it is that of the run which is shown.

use churn::model::RiskTier;
use churn::recommend::{Action, TimingWindow};

use super::columns::Offers;

/// What a tier gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OfTier {
    /// The tier.
    pub tier: RiskTier,
    /// What, and when; none where the tier has no customer from whom nothing was withheld.
    pub offer: Option<(Action, TimingWindow)>,
    /// The most that it may cost, as a share of the average margin; none without an offer.
    pub share: Option<f64>,
}

/// The policy, the worst tier first.
pub fn policy(offers: &Offers) -> Vec<OfTier> {
    let withholding: Vec<u16> = offers.withholding().into_iter().filter_map(|(_, place)| place).collect();
    let is_withheld = |row: &usize| offers.reasons.of_row(*row).iter().any(|code| withholding.contains(code));
    let free: Vec<usize> = (0..offers.rows()).filter(|row| !is_withheld(row)).collect();
    RiskTier::ALL.into_iter().rev().map(|tier| of_tier(offers, &free, tier)).collect()
}

fn of_tier(offers: &Offers, free: &[usize], tier: RiskTier) -> OfTier {
    let rows: Vec<usize> = free.iter().copied().filter(|&row| offers.customers.tier[row] == tier).collect();
    // All of a tier get the same; should a run have chosen one by one, what most of them get.
    let mut counts: Vec<((Action, TimingWindow), usize)> = Vec::new();
    for &row in &rows {
        let offer = (offers.action[row], offers.timing[row]);
        match counts.iter_mut().find(|(known, _)| *known == offer) {
            Some((_, count)) => *count += 1,
            None => counts.push((offer, 1)),
        }
    }
    let offer = counts.into_iter().max_by_key(|(_, count)| *count).map(|(offer, _)| offer);
    // The share is of what is earned: a margin of 0 or less says nothing about it.
    let same = rows.iter().copied().filter(|&row| Some(offers.action[row]) == offer.map(|(action, _)| action));
    let (mut most, mut margins) = (0.0, 0.0);
    for row in same.filter(|&row| offers.is_offered(row)) {
        let Some(margin) = offers.customers.margin[row].filter(|margin| *margin > 0.0) else { continue };
        most += offers.most[row];
        margins += margin;
    }
    OfTier { tier, offer, share: (margins > 0.0).then(|| most / margins) }
}
