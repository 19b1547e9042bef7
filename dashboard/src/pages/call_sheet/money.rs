//! What a customer is worth, and what may be spent to keep them.
//!
//! A negative margin is no loss when it goes, and an offer keeps something only where it works: neither is hidden in a
//! sum.

use super::known::Known;

/// A year has so many months.
pub const MONTHS: f64 = 12.0;

/// EUR a month, and shares; what cannot be said is none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Money {
    /// Lost on average if nothing is done; none where the margin is unknown or below 0.
    pub loss: Option<f64>,
    /// The most to spend; none without an offer.
    pub most: Option<f64>,
    /// It as a share of the average margin.
    pub share: Option<f64>,
    /// Loss less offer: what is kept if the offer works.
    pub kept: Option<f64>,
    /// Offer by loss: from this share of such offers working on, they pay.
    pub break_even: Option<f64>,
}

impl Money {
    /// Of a customer.
    pub fn of(known: &Known) -> Self {
        let margin = known.margin().filter(|margin| *margin >= 0.0);
        let loss = known.loss().filter(|_| margin.is_some());
        let most = known.most.filter(|_| known.is_offered());
        let by = |least: Option<f64>| most.zip(least.filter(|least| *least > 0.0)).map(|(most, by)| most / by);
        Self {
            loss,
            most,
            share: by(margin),
            kept: loss.zip(most).map(|(loss, most)| loss - most),
            break_even: by(loss),
        }
    }
}
