use super::*;
use crate::model::measure::slices::{SliceBy, SliceRows};
use crate::model::{CardContext, GateSettings, ModelCard, gate, sample};
use crate::watch::Unwatched;

#[test]
fn the_holdout_is_measured_whole_and_by_group() {
    let gold = sample::gold(3000);
    let bundle = sample::bundle(&gold, &sample::settings());
    let evaluation = evaluate(&bundle, None, &gold, &Unwatched).unwrap();
    let summary = &evaluation.summary;
    assert_eq!(summary.holdout_rows as usize, bundle.metadata().split.holdout_rows);
    assert!(summary.metrics.roc_auc > 0.7, "{summary:?}");
    let interval = summary.pr_auc_interval.unwrap();
    assert!(interval.low < summary.metrics.pr_auc && summary.metrics.pr_auc < interval.high, "{summary:?}");
    for groups in [&evaluation.segments, &evaluation.sales_channels] {
        assert_eq!(groups.iter().map(|group| group.rows).sum::<u64>(), summary.holdout_rows);
    }
    // Equal where the probabilities are kept as they are.
    assert!(summary.metrics.ece <= evaluation.ece_before_calibration, "{evaluation:?}");
    assert!((0.8..=1.0).contains(&evaluation.interval_coverage), "{}", evaluation.interval_coverage);
    assert_eq!(evaluation.importance[0].feature, "customer_intent");
    assert!((evaluation.importance.iter().map(|i| i.gain).sum::<f64>() - 1.0).abs() < 1e-9);
}

#[test]
fn of_a_group_with_too_few_churners_nothing_is_said() {
    let gold = sample::gold(800);
    let bundle = sample::bundle(&gold, &sample::settings());
    let evaluation = evaluate(&bundle, None, &gold, &Unwatched).unwrap();
    let few = evaluation.sales_channels.iter().filter(|group| group.positives < LEAST_POSITIVES);
    let said = few.map(|group| [group.pr_auc, group.roc_auc, group.precision, group.recall]).collect::<Vec<_>>();
    assert_eq!(said, [[None::<f64>; 4]; 2]);
}

#[test]
fn a_model_is_as_good_as_itself() {
    let gold = sample::gold(1500);
    let bundle = sample::bundle(&gold, &sample::settings());
    let champion = evaluate(&bundle, Some(&bundle), &gold, &Unwatched).unwrap().summary.champion.unwrap();
    assert_eq!((champion.pr_auc_difference, champion.pr_auc_difference_low), (0.0, Some(0.0)));
    assert!(champion.same_split);
}

#[test]
fn the_difference_is_ours_less_theirs_and_its_bound_the_lower_95_percent_one_of_paired_resamples() {
    let gold = sample::gold(1500);
    let settings = sample::settings();
    let challenger = sample::bundle(&gold, &settings);
    let champion = sample::bundle_of(&gold, &settings, &sample::features()[..2]);
    let summary = evaluate(&challenger, Some(&champion), &gold, &Unwatched).unwrap().summary;
    let compared = summary.champion.unwrap();
    assert_eq!(compared.pr_auc_difference, summary.metrics.pr_auc - compared.pr_auc);
    assert!(compared.pr_auc_difference > 0.0, "{compared:?}");

    let (customers, split) = split(&gold, &challenger).unwrap();
    let holdout = customers.take(&split.holdout).unwrap();
    let [ours, theirs] = [&challenger, &champion].map(|model| model.predict(&holdout.table).unwrap());
    let drawn = Resamples::draw(&holdout.labels, &[&ours, &theirs], &settings.bootstrap, &Unwatched).unwrap();
    let low = drawn.lower_bound(|areas| areas[0].pr_auc - areas[1].pr_auc);
    assert_eq!(compared.pr_auc_difference_low, low);
    assert_eq!(summary.pr_auc_interval, drawn.interval(|areas| areas[0].pr_auc));
    assert_eq!(summary.roc_auc_interval, drawn.interval(|areas| areas[0].roc_auc));
}

#[test]
fn the_slices_are_of_customers_that_nobody_has_seen_the_champion_among_them() {
    let gold = sample::gold(3000);
    let settings = sample::settings();
    let challenger = sample::bundle(&gold, &settings);
    let champion = sample::bundle_of(&gold, &settings, &sample::features()[..2]);
    let slices = evaluate(&challenger, Some(&champion), &gold, &Unwatched).unwrap().summary.slices;
    let of = |by: SliceBy, value: &str| slices.iter().find(|slice| slice.by == by && slice.value == value).unwrap();
    let with = of(SliceBy::Contact, "with");
    assert_eq!(with.measured_on, SliceRows::Pooled);
    let figures = with.figures().unwrap();
    // Those who called said what about: they are another population.
    let without = of(SliceBy::Contact, "without").figures().unwrap();
    assert!(figures.pr_auc > without.pr_auc, "{figures:?} {without:?}");
    assert!(figures.overrated_by.abs() < 0.05 && without.overrated_by.abs() < 0.05, "{figures:?} {without:?}");
    let compared = figures.champion.unwrap();
    assert!(compared.pr_auc_difference > 0.0 && compared.pr_auc < figures.pr_auc, "{compared:?}");
}

#[test]
fn models_of_before_are_measured_and_compared_on_the_holdout_alone() {
    let gold = sample::gold(3000);
    let settings = sample::settings();
    let before = || {
        let mut bundle = sample::bundle(&gold, &settings);
        (bundle.out_of_fold, bundle.metadata.fold_models) = (None, 0);
        bundle
    };
    let summary = |challenger: &Bundle, champion: &Bundle| {
        evaluate(challenger, Some(champion), &gold, &Unwatched).unwrap().summary
    };
    let old = summary(&before(), &before());
    assert!(old.slices.iter().all(|slice| slice.measured_on == SliceRows::Holdout), "{:?}", old.slices);
    let of_contact = old.slices.iter().filter(|slice| slice.by == SliceBy::Contact);
    assert_eq!(of_contact.map(|slice| slice.rows).sum::<u64>(), old.holdout_rows);
    let mixed = summary(&sample::bundle(&gold, &settings), &before());
    for slice in mixed.slices.iter().filter(|slice| slice.measured_on == SliceRows::Pooled) {
        assert_eq!(slice.figures().and_then(|figures| figures.champion), None, "{slice:?}");
    }
}

#[test]
fn a_champion_of_another_split_is_marked() {
    let gold = sample::gold(1500);
    let mut settings = sample::settings();
    let challenger = sample::bundle(&gold, &settings);
    settings.split.holdout_salt = "another".to_owned();
    let champion = sample::bundle(&gold, &settings);
    let evaluation = evaluate(&challenger, Some(&champion), &gold, &Unwatched).unwrap();
    assert!(!evaluation.summary.champion.as_ref().unwrap().same_split);
    let verdict = gate(&evaluation.summary(), &GateSettings::default());
    assert!(verdict.checks[1].note.contains("another split"), "{verdict:?}");
}

#[test]
fn the_evaluation_survives_json_and_the_card_shows_it() {
    let gold = sample::gold(1500);
    let bundle = sample::bundle(&gold, &sample::settings());
    let evaluation = evaluate(&bundle, None, &gold, &Unwatched).unwrap();
    let json = serde_json::to_value(&evaluation).unwrap();
    assert!(json["metrics"]["pr_auc"].is_f64(), "{json}");
    assert_eq!(serde_json::from_value::<Evaluation>(json).unwrap(), evaluation);
    let verdict = gate(&evaluation.summary(), &GateSettings::default());
    let card = ModelCard::of(&bundle, &evaluation, &verdict, CardContext::default()).unwrap().markdown();
    for part in [bundle.metadata().version.as_str(), "pr_auc_floor", "customer_intent", "does not promise"] {
        assert!(card.contains(part), "{part} is not in\n{card}");
    }
}
