//! What each stage is made of: for the run that makes it, for the plan that foresees it, and for whoever runs a stage
//! and all behind it once more.

use super::{Mode, StageName};

impl StageName {
    /// The tables that are its inputs, by name.
    pub fn inputs(self) -> &'static [&'static str] {
        match self {
            Self::Raw | Self::Gate | Self::Publish => &[],
            Self::BronzeCustomer => {
                &["churn_label", "customer_attributes", "customer_contracts", "customer_interactions"]
            }
            // Beside the files of readings, of which there may be many.
            Self::BronzeCustomerMonth => &["customer_attributes", "price_history", "costs_by_province_month"],
            Self::Silver => &["bronze_customer", "bronze_customer_month"],
            Self::Gold => &["silver_customer", "silver_customer_month"],
            Self::Train | Self::Evaluate | Self::Drift => &["gold_master"],
            Self::Score => &["gold_master", "silver_customer"],
            // The contracts say who may be contacted, where that is delivered.
            Self::Recommend => &["scores", "gold_master", "silver_customer", "customer_contracts"],
        }
    }

    /// The tables that are its inputs where they are there: a delivery may come without them.
    pub fn optional_inputs(self) -> &'static [&'static str] {
        if self == Self::Recommend { &["offer_outcomes"] } else { &[] }
    }

    /// Whether its outputs are stored under what decides them, so that they are found again.
    pub fn is_stored(self) -> bool {
        !matches!(self, Self::Raw | Self::Gate | Self::Publish)
    }

    /// The stages whose outcome it builds on.
    pub fn builds_on(self) -> &'static [Self] {
        match self {
            Self::Raw => &[],
            Self::BronzeCustomer | Self::BronzeCustomerMonth => &[Self::Raw],
            Self::Silver => &[Self::BronzeCustomer, Self::BronzeCustomerMonth],
            Self::Gold => &[Self::Silver],
            Self::Train => &[Self::Gold],
            Self::Evaluate => &[Self::Gold, Self::Train],
            Self::Gate => &[Self::Evaluate],
            // The gate decides who scores.
            Self::Score => &[Self::Silver, Self::Gold, Self::Gate],
            Self::Recommend => &[Self::Raw, Self::Silver, Self::Gold, Self::Score],
            Self::Drift => &[Self::Gold, Self::Gate],
            Self::Publish => &[Self::Score, Self::Recommend, Self::Drift],
        }
    }

    /// This stage and all of the mode that build on it, in the order of the work.
    pub fn and_all_behind(self, mode: Mode) -> Vec<Self> {
        let mut behind: Vec<Self> = Vec::new();
        for stage in Self::of(mode) {
            if stage == self || stage.builds_on().iter().any(|before| behind.contains(before)) {
                behind.push(stage);
            }
        }
        behind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_builds_on_stages_before_it() {
        let order = StageName::of(Mode::Train);
        for (place, stage) in order.iter().enumerate() {
            for before in stage.builds_on() {
                assert!(order[..place].contains(before), "{stage:?} builds on {before:?}");
            }
        }
    }

    #[test]
    fn behind_a_stage_are_those_that_build_on_it_and_no_other() {
        use StageName as S;
        assert_eq!(S::Raw.and_all_behind(Mode::Train), S::of(Mode::Train));
        let behind_bronze = S::BronzeCustomer.and_all_behind(Mode::Score);
        assert!(behind_bronze.contains(&S::Silver) && !behind_bronze.contains(&S::BronzeCustomerMonth));
        assert_eq!(S::Score.and_all_behind(Mode::Train), [S::Score, S::Recommend, S::Publish]);
        let behind_train = [S::Train, S::Evaluate, S::Gate, S::Score, S::Recommend, S::Drift, S::Publish];
        assert_eq!(S::Train.and_all_behind(Mode::Train), behind_train);
        assert!(S::Train.and_all_behind(Mode::Score).is_empty(), "score mode trains nothing");
    }
}
