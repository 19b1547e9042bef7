//! Why a stage would run, in words.

use protocol::pipeline::StageName;
use protocol::progress::Stage;

use super::foreseen::{Action, Known, PlannedStage};

/// The reason of a stage that is to run whatever is stored.
pub(super) const FORCED: &str = "forced: it runs whatever is stored";
/// More differences than this are counted.
const NAMED: usize = 4;

/// An input is not there: the stages that would make it first.
pub(super) fn waits_for(stage: StageName, known: &Known) -> String {
    // The gate gives no table: it decides who scores.
    let anew = |before: &&StageName| {
        **before != StageName::Gate && matches!(known.action(**before), Some(Action::Run | Action::Depends))
    };
    let before: Vec<_> = stage.builds_on().iter().filter(anew).map(|stage| stage.as_str()).collect();
    match before.as_slice() {
        [] => "its input is made anew".to_owned(),
        [one] => format!("its input {one} is made anew"),
        several => format!("its inputs {} are made anew", several.join(" and ")),
    }
}

/// No stage of this description is stored.
pub(super) fn why_new(stage: &PlannedStage) -> String {
    let Some(newest) = &stage.compared_with else {
        return "it was never made in this lake".to_owned();
    };
    match stage.differences.as_slice() {
        [] => format!("it is not there any more, or its manifest cannot be read; the newest is {newest}"),
        differences => {
            let mut named: Vec<_> = differences.iter().take(NAMED).map(ToString::to_string).collect();
            if differences.len() > NAMED {
                named.push(format!("and {} more", differences.len() - NAMED));
            }
            format!("{} (the newest is {newest})", named.join("; "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::foreseen::Foreseen;
    use super::*;
    use lake::Difference;

    #[test]
    fn a_stage_that_waits_names_what_is_made_before_it() {
        let mut known = Known::default();
        for (stage, action) in
            [(StageName::BronzeCustomer, Action::Skip), (StageName::BronzeCustomerMonth, Action::Run)]
        {
            known.add(Foreseen::of(stage, action, String::new()));
        }
        assert_eq!(waits_for(StageName::Silver, &known), "its input bronze_customer_month is made anew");
        assert_eq!(waits_for(StageName::Gold, &known), "its input is made anew");
        let mut both = Known::default();
        for stage in [StageName::BronzeCustomer, StageName::BronzeCustomerMonth] {
            both.add(Foreseen::of(stage, Action::Run, String::new()));
        }
        let words = "its inputs bronze_customer and bronze_customer_month are made anew";
        assert_eq!(waits_for(StageName::Silver, &both), words);
    }

    #[test]
    fn a_new_stage_says_what_differs_from_the_newest_and_counts_what_is_too_much() {
        let mut stage = Foreseen::of(StageName::Gold, Action::Run, String::new()).stage;
        assert_eq!(why_new(&stage), "it was never made in this lake");
        stage.compared_with = Some("gold/gold_master/abc/".to_owned());
        stage.differences = vec![Difference::CodeVersion { was: 1, is: 2 }];
        assert_eq!(why_new(&stage), "code version 2, was 1 (the newest is gold/gold_master/abc/)");
        stage.differences = vec![Difference::CodeVersion { was: 1, is: 2 }; 7];
        assert!(why_new(&stage).contains("; and 3 more ("), "{}", why_new(&stage));
    }
}
