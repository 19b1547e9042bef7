//! How much may be wrong with a delivery as a whole: the section `delivery` of `column_registry.yaml`.

use serde::Deserialize;

/// Shares from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeliveryRules {
    /// Above this share of customers that a file has no row of, people are warned.
    pub lost_customers_warn: f64,
    /// Above this share the run stops.
    pub lost_customers_block: f64,
    /// Above this share of contacts in a language that nobody here reads, people are warned.
    pub unreadable_contacts_warn: f64,
}

impl Default for DeliveryRules {
    fn default() -> Self {
        Self { lost_customers_warn: 0.01, lost_customers_block: 0.10, unreadable_contacts_warn: 0.10 }
    }
}

impl DeliveryRules {
    /// What does not fit together, one line each.
    pub fn problems(&self) -> Vec<String> {
        let shares = [
            ("lost_customers_warn", self.lost_customers_warn),
            ("lost_customers_block", self.lost_customers_block),
            ("unreadable_contacts_warn", self.unreadable_contacts_warn),
        ];
        let no_shares = shares.iter().filter(|(_, share)| !(0.0..=1.0).contains(share));
        let mut problems: Vec<String> =
            no_shares.map(|(name, share)| format!("delivery.{name}: {share} is not a share from 0 to 1")).collect();
        if self.lost_customers_warn > self.lost_customers_block {
            problems.push("delivery.lost_customers_warn is above lost_customers_block".to_owned());
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_fit_and_what_does_not_is_named() {
        assert!(DeliveryRules::default().problems().is_empty());
        let odd = DeliveryRules { lost_customers_warn: 0.2, unreadable_contacts_warn: 7.0, ..DeliveryRules::default() };
        let problems = odd.problems();
        assert!(problems[0].contains("unreadable_contacts_warn: 7") && problems[1].contains("above"), "{problems:?}");
    }
}
