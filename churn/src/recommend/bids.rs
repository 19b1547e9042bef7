//! What may be offered to a customer at all, and when: the offers worth making, and the windows that consent, the last
//! offer and the renewal leave.

use super::in_view::Facts;
use super::value::{Worth, cents};
use super::{RuleReason, TimingWindow, ValueSettings};

/// What may be offered to one customer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bid {
    /// The customer's row.
    pub row: usize,
    /// Offers by what they cost, each worth less per further euro than the one before.
    pub steps: Vec<Worth>,
    /// When, the best window first; never empty.
    pub windows: Vec<TimingWindow>,
}

/// The windows that are left: the tier's own, else an earlier one. An offer must be due on the last day of its window
/// before, or on, the day of the renewal.
pub(super) fn windows(
    facts: &Facts,
    own: TimingWindow,
    settings: &ValueSettings,
) -> Result<Vec<TimingWindow>, RuleReason> {
    let mut left: Vec<TimingWindow> = TimingWindow::ALL.into_iter().rev().filter(|window| *window <= own).collect();
    left.retain(|window| !is_after_renewal(facts, *window));
    if left.is_empty() {
        return Err(RuleReason::AfterRenewal);
    }
    let between = i64::from(settings.days_between_offers);
    left.retain(|window| facts.days_since_offer.is_none_or(|days| days + window.days().0 >= between));
    if left.is_empty() { Err(RuleReason::ContactedRecently) } else { Ok(left) }
}

/// Whether an offer of this window may fall due after the renewal.
pub(super) fn is_after_renewal(facts: &Facts, window: TimingWindow) -> bool {
    facts.days_to_renewal.is_some_and(|days| window.days().1 > days)
}

/// Whether an offer is large enough to be one.
pub(super) fn is_large_enough(offer: &Worth, settings: &ValueSettings) -> bool {
    offer.cost_cents > 0 && offer.cost_cents >= cents(settings.minimum_offer_eur)
}

/// The offers among which a budget chooses: those on the upper convex hull of what they cost and are worth (Sinha and
/// Zoltners 1979), from no offer on. An offer below it gives less per euro than two neighbours mixed.
pub(super) fn steps(offers: &[Worth]) -> Vec<Worth> {
    let mut offers: Vec<Worth> = offers.iter().copied().filter(|offer| offer.pays()).collect();
    offers.sort_by(|a, b| a.cost_cents.cmp(&b.cost_cents).then(b.value_eur.total_cmp(&a.value_eur)));
    let mut hull: Vec<Worth> = Vec::new();
    for offer in offers {
        if hull.last().is_some_and(|last| offer.value_eur <= last.value_eur) {
            continue;
        }
        while let Some(last) = hull.last() {
            let before = hull.len().checked_sub(2).map(|place| &hull[place]);
            if value_per_euro(before, &offer) < value_per_euro(before, last) {
                break;
            }
            hull.pop();
        }
        hull.push(offer);
    }
    hull
}

/// What an offer is worth more than a cheaper one, or than none, for each further euro a month.
pub(super) fn value_per_euro(cheaper: Option<&Worth>, offer: &Worth) -> f64 {
    let (cost, value) = cheaper.map_or((0, 0.0), |cheaper| (cheaper.cost_cents, cheaper.value_eur));
    (offer.value_eur - value) / ((offer.cost_cents - cost) as f64 / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommend::Action;

    fn offer(action: Action, cost_cents: i64, value_eur: f64) -> Worth {
        Worth { action, cost_cents, value_eur, break_even: None }
    }

    #[test]
    fn an_offer_that_gives_less_per_euro_than_its_neighbours_is_no_step() {
        let [small, medium, large] =
            [(100, 10.0), (300, 12.0), (500, 20.0)].map(|(cost, value)| offer(Action::OfferSmall, cost, value));
        assert_eq!(steps(&[large, small, medium]), [small, large], "medium gives 1 per euro, large 2.5");
        let medium = Worth { value_eur: 16.0, ..medium };
        assert_eq!(steps(&[small, medium, large]), [small, medium, large]);
        let dearer = Worth { value_eur: 9.0, ..large };
        assert_eq!(steps(&[small, dearer]), [small], "it costs more and is worth less");
        assert!(steps(&[Worth { value_eur: 0.0, ..small }, Worth { value_eur: -1.0, ..large }]).is_empty());
        let alike = Worth { cost_cents: 100, value_eur: 11.0, ..small };
        assert_eq!(steps(&[small, alike]), [alike], "of the same cost, the one that is worth more");
    }

    #[test]
    fn a_window_ends_before_the_renewal_and_is_never_later_than_the_tiers() {
        use TimingWindow::{Days30To60, Days60To90, Immediate};
        let settings = ValueSettings::default();
        let of = |days: i64, own| windows(&Facts { days_to_renewal: Some(days), ..Facts::default() }, own, &settings);
        assert_eq!(of(90, Days60To90), Ok(vec![Days60To90, Days30To60, Immediate]));
        assert_eq!(of(89, Days60To90), Ok(vec![Days30To60, Immediate]));
        assert_eq!(of(59, Days60To90), Ok(vec![Immediate]));
        assert_eq!(of(0, Days30To60), Ok(vec![Immediate]), "the day itself is not after it");
        assert_eq!(of(-1, Immediate), Err(RuleReason::AfterRenewal));
        assert_eq!(of(300, Immediate), Ok(vec![Immediate]));
        assert_eq!(windows(&Facts::default(), Days30To60, &settings), Ok(vec![Days30To60, Immediate]));
    }

    #[test]
    fn nobody_is_contacted_again_before_the_days_are_over() {
        use TimingWindow::{Days30To60, Days60To90};
        let settings = ValueSettings::default();
        let of = |days: i64, renewal: Option<i64>| {
            let facts = Facts { days_to_renewal: renewal, days_since_offer: Some(days), is_without_consent: false };
            windows(&facts, Days60To90, &settings)
        };
        assert_eq!(of(60, None), Ok(vec![Days60To90, Days30To60]), "by then 90 days are over");
        assert_eq!(of(30, None), Ok(vec![Days60To90]));
        assert_eq!(of(29, None), Err(RuleReason::ContactedRecently));
        assert_eq!(of(30, Some(80)), Err(RuleReason::ContactedRecently), "later is after the renewal");
    }
}
