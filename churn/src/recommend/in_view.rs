//! What a run knows of customers beside their scores: renewals, consent, offers of the past and what became of them.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use super::OfferPolicy;
use crate::columns::{dates, integers, texts};
use crate::error::Result;
use crate::outcomes::{OfferEffects, Outcomes, measure};
use crate::snapshot_date::SnapshotDate;

/// What is in view beside the scores; what is not given is not known.
#[derive(Debug, Clone, Copy)]
pub struct InView<'a> {
    /// The date the run looks from.
    pub as_of: SnapshotDate,
    /// `silver_customer`: whose contract is renewed when, and in which segment they are.
    pub customers: Option<&'a DataFrame>,
    /// Who may be contacted, where that is delivered ([`crate::raw::read_consent`]).
    pub consent: Option<&'a DataFrame>,
    /// What became of offers, where that is delivered.
    pub outcomes: Option<&'a DataFrame>,
}

/// The same by customer.
pub(super) struct Known<'a> {
    days_to_renewal: BTreeMap<&'a str, i64>,
    consents: Option<BTreeMap<&'a str, bool>>,
    days_since_offer: BTreeMap<&'a str, i64>,
    /// What offers have done, where there are outcomes.
    pub effects: Option<OfferEffects>,
}

/// What decides whether, and when, a customer may be contacted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Below 0 when the renewal has passed; none where it is not known.
    pub days_to_renewal: Option<i64>,
    /// Whether consent is delivered, and this customer has not given it.
    pub is_without_consent: bool,
    /// None where no offer is known.
    pub days_since_offer: Option<i64>,
}

impl<'a> Known<'a> {
    pub fn of(view: &InView<'a>, policy: &OfferPolicy) -> Result<Self> {
        let (mut days_to_renewal, mut segments) = (BTreeMap::new(), BTreeMap::new());
        if let Some(customers) = view.customers {
            let (ids, renewals) = (texts(customers, "customer_id")?, dates(customers, "next_renewal_date")?);
            for ((id, renewal), segment) in ids.into_iter().zip(renewals).zip(texts(customers, "segment")?) {
                let Some(id) = id else { continue };
                let days = renewal.map(|renewal| renewal.signed_duration_since(view.as_of.date()).num_days());
                days_to_renewal.extend(days.map(|days| (id, days)));
                segments.extend(segment.map(|segment| (id, segment)));
            }
        }
        let outcomes = match view.outcomes {
            Some(table) if table.height() > 0 => Some(Outcomes::of(table, view.as_of)?),
            _ => None,
        };
        let is_even = policy.control_group().is_even();
        let effects = outcomes.as_ref().map(|outcomes| measure(outcomes, &segments, is_even, policy.measure()));
        Ok(Self {
            days_to_renewal,
            consents: view.consent.map(consents).transpose()?,
            days_since_offer: outcomes.map(|outcomes| outcomes.days_since_offer()).unwrap_or_default(),
            effects,
        })
    }

    /// Whether consent is delivered at all.
    pub fn has_consent(&self) -> bool {
        self.consents.is_some()
    }

    /// What is known of a customer.
    pub fn facts(&self, customer_id: &str) -> Facts {
        Facts {
            days_to_renewal: self.days_to_renewal.get(customer_id).copied(),
            is_without_consent: self.consents.as_ref().is_some_and(|all| all.get(customer_id) != Some(&true)),
            days_since_offer: self.days_since_offer.get(customer_id).copied(),
        }
    }
}

/// As everywhere in the contracts, the first row of a customer wins; an empty cell is no consent.
fn consents(table: &DataFrame) -> Result<BTreeMap<&str, bool>> {
    let mut consents = BTreeMap::new();
    for (id, flag) in texts(table, "customer_id")?.into_iter().zip(integers(table, "contact_consent")?) {
        if let Some(id) = id {
            consents.entry(id).or_insert(flag == Some(1));
        }
    }
    Ok(consents)
}

#[cfg(test)]
mod tests {
    use polars::df;
    use polars::prelude::{Column, DataType};

    use super::*;

    const POLICY: &str = include_str!("../../../configs/offer_policy.yaml");

    fn dated(table: DataFrame, name: &str, days: &[Option<i32>]) -> DataFrame {
        let mut table = table;
        let dates = Column::new(name.into(), days).cast(&DataType::Date).unwrap();
        table.with_column(dates).unwrap();
        table
    }

    #[test]
    fn renewals_consent_and_the_last_offer_are_known_by_customer() {
        // 2024-12-31 is day 20,088 since 1970-01-01.
        let customers = df!("customer_id" => ["C1", "C2"], "segment" => [Some("SME"), None]).unwrap();
        let customers = dated(customers, "next_renewal_date", &[Some(20_118), None]);
        let flags = [Some(1_i32), Some(0), None];
        let consent = df!("customer_id" => ["C1", "C1", "C2"], "contact_consent" => flags).unwrap();
        let outcomes = df!(
            "customer_id" => ["C1"], "action" => ["offer_small"], "control" => [0_i32], "accepted" => [None::<i32>],
            "churned" => [None::<i32>],
        );
        let outcomes = dated(outcomes.unwrap(), "date", &[Some(20_078)]);
        let as_of = SnapshotDate::parse("2024-12-31").unwrap();
        let policy = OfferPolicy::parse(POLICY).unwrap();
        let view = InView { as_of, customers: Some(&customers), consent: Some(&consent), outcomes: Some(&outcomes) };
        let known = Known::of(&view, &policy).unwrap();
        let first = Facts { days_to_renewal: Some(30), is_without_consent: false, days_since_offer: Some(10) };
        assert_eq!(known.facts("C1"), first);
        for silent in ["C2", "C3"] {
            let expected = Facts { is_without_consent: true, ..Facts::default() };
            assert_eq!(known.facts(silent), expected, "no consent is known of {silent}");
        }
        assert!(known.effects.is_some());
        let nothing = InView { as_of, customers: None, consent: None, outcomes: None };
        let known = Known::of(&nothing, &policy).unwrap();
        assert_eq!((known.facts("C1"), known.effects.is_none()), (Facts::default(), true));
    }
}
