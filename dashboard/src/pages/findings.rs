//! What the checks of a delivery and of the tables made of it found, in a line each.

use churn::quality::{Finding, Severity};

use crate::export::{List, Listing};
use crate::format::Format;
use crate::frame::{Cell, Column, Mark, Row, RunState, TablePart};
use crate::pages::downloads;
use crate::server::Visit;
use crate::words::{Language, Said, Word};

/// What every rule finds. The run's own words tell more (which months, which files), and are English.
const SENTENCES: [(&str, Word); 109] = [
    ("missing_column", Word::FindingMissingColumn),
    ("type", Word::FindingType),
    ("undeclared_column", Word::FindingUndeclaredColumn),
    ("empty", Word::FindingEmpty),
    ("few_rows", Word::FindingFewRows),
    ("repeated_row", Word::FindingRepeatedRow),
    ("repeated_key", Word::FindingRepeatedKey),
    ("reference", Word::FindingReference),
    ("freshness", Word::FindingFreshness),
    ("layer", Word::FindingLayer),
    ("no_contract", Word::FindingNoContract),
    ("nulls", Word::FindingNulls),
    ("null_rate", Word::FindingNullRate),
    ("finite", Word::FindingFinite),
    ("form", Word::FindingForm),
    ("range", Word::FindingRange),
    ("below_zero", Word::FindingBelowZero),
    ("values", Word::FindingValues),
    ("more_readings_than_hours", Word::FindingMoreReadingsThanHours),
    ("stray_readings", Word::FindingStrayReadings),
    ("missing_month", Word::FindingMissingMonth),
    ("lone_hour", Word::FindingLoneHour),
    ("after_as_of", Word::FindingAfterAsOf),
    ("null_readings", Word::FindingNullReadings),
    ("negative_readings", Word::FindingNegativeReadings),
    ("zeros_among_hours", Word::FindingZerosAmongHours),
    ("unknown_consumption", Word::FindingUnknownConsumption),
    ("only_rising", Word::FindingOnlyRising),
    ("carried_forward", Word::FindingCarriedForward),
    ("unknown_margin", Word::FindingUnknownMargin),
    ("published_rows", Word::FindingPublishedRows),
    ("published_nulls", Word::FindingPublishedNulls),
    ("unseen_categories", Word::FindingUnseenCategories),
    ("published_customers", Word::FindingPublishedCustomers),
    ("published_months", Word::FindingPublishedMonths),
    ("published_sums", Word::FindingPublishedSums),
    ("above_power", Word::FindingAbovePower),
    ("no_label", Word::FindingNoLabel),
    ("one_class", Word::FindingOneClass),
    ("id_spelling", Word::FindingIdSpelling),
    ("lost_customers", Word::FindingLostCustomers),
    ("unreadable_language", Word::FindingUnreadableLanguage),
    ("blank_rows", Word::FindingBlankRows),
    ("no_last_line_end", Word::FindingNoLastLineEnd),
    ("semicolons", Word::FindingSemicolons),
    ("repeated_json_key", Word::FindingRepeatedJsonKey),
    ("integer_ids", Word::FindingIntegerIds),
    ("no_customer", Word::FindingNoCustomer),
    ("unreachable_files", Word::FindingUnreachableFiles),
    ("unknown_files", Word::FindingUnknownFiles),
    ("empty_files", Word::FindingEmptyFiles),
    ("other_files", Word::FindingOtherFiles),
    ("marks", Word::FindingMarks),
    ("files_without_rows", Word::FindingFilesWithoutRows),
    ("same_readings_twice", Word::FindingSameReadingsTwice),
    ("not_all_compared", Word::FindingNotAllCompared),
    ("equal_within_the_hour", Word::FindingEqualWithinTheHour),
    ("fewer_readings_than_hours", Word::FindingFewerReadingsThanHours),
    ("lost_hours", Word::FindingLostHours),
    ("missing_day", Word::FindingMissingDay),
    ("stopped_readings", Word::FindingStoppedReadings),
    ("late_readings", Word::FindingLateReadings),
    ("not_hourly", Word::FindingNotHourly),
    ("hour_end_labels", Word::FindingHourEndLabels),
    ("short_window", Word::FindingShortWindow),
    ("no_electricity", Word::FindingNoElectricity),
    ("power_unit", Word::FindingPowerUnit),
    ("low_load", Word::FindingLowLoad),
    ("gas_unit", Word::FindingGasUnit),
    ("gas_unit_of_some", Word::FindingGasUnitOfSome),
    ("gas_gap", Word::FindingGasGap),
    ("gas_without_readings", Word::FindingGasWithoutReadings),
    ("electricity_without_readings", Word::FindingElectricityWithoutReadings),
    ("odd_hours", Word::FindingOddHours),
    ("odd_month", Word::FindingOddMonth),
    ("zeros_to_the_end", Word::FindingZerosToTheEnd),
    ("base_rate", Word::FindingBaseRate),
    ("industrial_flags", Word::FindingIndustrialFlags),
    ("second_homes", Word::FindingSecondHomes),
    ("province_regions", Word::FindingProvinceRegions),
    ("contract_dates", Word::FindingContractDates),
    ("activation_date", Word::FindingActivationDate),
    ("one_date", Word::FindingOneDate),
    ("day_and_month", Word::FindingDayAndMonth),
    ("future_contracts", Word::FindingFutureContracts),
    ("expired_contracts", Word::FindingExpiredContracts),
    ("contacts_after_as_of", Word::FindingContactsAfterAsOf),
    ("old_contacts", Word::FindingOldContacts),
    ("short_contacts", Word::FindingShortContacts),
    ("html_contacts", Word::FindingHtmlContacts),
    ("outcomes_after_as_of", Word::FindingOutcomesAfterAsOf),
    ("control_accepted", Word::FindingControlAccepted),
    ("missing_prices", Word::FindingMissingPrices),
    ("zero_costs", Word::FindingZeroCosts),
    ("price_and_cost", Word::FindingPriceAndCost),
    ("below_cost", Word::FindingBelowCost),
    ("fixed_cost_and_power", Word::FindingFixedCostAndPower),
    ("swapped_columns", Word::FindingSwappedColumns),
    ("published_money", Word::FindingPublishedMoney),
    ("published_attributes", Word::FindingPublishedAttributes),
    ("too_few_customers", Word::FindingTooFewCustomers),
    ("ends_early", Word::FindingEndsEarly),
    ("placeholder_ids", Word::FindingPlaceholderIds),
    ("no_label_at_all", Word::FindingNoLabelAtAll),
    ("no_label_file", Word::FindingNoLabelFile),
    ("twins", Word::FindingTwins),
    ("repeated_header", Word::FindingRepeatedHeader),
    ("wrapped_json", Word::FindingWrappedJson),
    ("json_key_case", Word::FindingJsonKeyCase),
];

/// What was found: in English in the run's own words, in another language out of the rule and its figures. A rule that
/// is not known here is told in the run's words.
pub fn sentence(format: Format, finding: &Finding) -> Said {
    let language = format.0;
    let known = SENTENCES.into_iter().find(|(rule, _)| *rule == finding.rule).filter(|_| language != Language::En);
    let Some((_, word)) = known else { return Said::english(language, finding.words.as_str()) };
    let said = language.fill(word, &[("count", &format.count(finding.count))]);
    match finding.share.map(|share| format.percent(share)) {
        Some(share) => language.fill(Word::FindingShare, &[("said", &said), ("share", &share)]).into(),
        None => said.into(),
    }
}

/// The same after its place: `price_history.customer_id: …`.
pub fn line(format: Format, finding: &Finding) -> Said {
    let Said { text, lang } = sentence(format, finding);
    let text = match &finding.column {
        Some(column) => format!("{}.{column}: {text}", finding.table),
        None => format!("{}: {text}", finding.table),
    };
    Said { text, lang }
}

/// A table of findings in their order; none where nothing was found.
pub fn table(visit: &Visit, id: &'static str, caption: &str, findings: &[Finding]) -> Option<TablePart> {
    if findings.is_empty() {
        return None;
    }
    let rows = findings.iter().map(|finding| Row::from(cells(visit, finding)));
    let table = TablePart::new(visit.language, id, caption, columns(visit.language)).rows(rows);
    Some(downloads::listed(table, &visit.query, list(findings, |finding| finding)))
}

/// What holds a finding each as a file has it, in the run's own words.
pub fn list<T>(all: &[T], finding: impl Fn(&T) -> &Finding) -> Listing<'_, T> {
    List::of(all)
        .text("severity", |one| finding(one).severity.as_str().to_owned())
        .text("table", |one| finding(one).table.clone())
        .text("column", |one| finding(one).column.clone())
        .text("rule", |one| finding(one).rule.clone())
        .count("count", |one| finding(one).count)
        .number("share", |one| finding(one).share)
        .text("words", |one| finding(one).words.clone())
}

/// The columns of such a table.
pub fn columns(language: Language) -> Vec<Column> {
    let say = |word: Word| language.say(word);
    vec![
        Column::text(say(Word::ExplorerTable)),
        Column::text(say(Word::ExplorerRule)),
        Column::text(say(Word::ExplorerSeverity)),
        Column::number(say(Word::FindingsCount)).hint(say(Word::FindingsCountHint)),
        Column::number(say(Word::FindingsShare)),
        Column::text(say(Word::ExplorerColumn)),
    ]
}

/// The cells of a finding.
pub fn cells(visit: &Visit, finding: &Finding) -> Vec<Cell> {
    let (format, language) = (visit.format(), visit.language);
    let share = finding.share.map(|share| format.percent(share));
    let said = sentence(format, finding);
    let is_retold = language != Language::En && said.lang.is_none();
    vec![
        Cell::short(finding.table.as_str()),
        Cell::said(said).original(is_retold.then(|| finding.words.clone())),
        Cell::mark(leads_to(finding.severity, language)),
        Cell::number(format.count(finding.count)),
        Cell::number(format.or_unknown(share, language.say(Word::FindingsNoShare))),
        Cell::short(finding.column.as_deref().unwrap_or_default()),
    ]
}

/// What a finding leads to.
fn leads_to(severity: Severity, language: Language) -> Mark {
    let say = |word: Word| language.say(word);
    match severity {
        Severity::Info => Mark { glyph: "ⓘ", word: say(Word::FindingsTold).to_owned(), class: "quiet" },
        Severity::Warn => Mark::state(RunState::Waiting, language).called(say(Word::ExplorerWarns)),
        Severity::Block => Mark::state(RunState::Failed, language).called(say(Word::ExplorerBlocks)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: &str) -> Finding {
        Finding::new(Severity::Warn, "price_history", rule, "4 of 1600 rows, of 2024-02").counting_of(4, 1600)
    }

    #[test]
    fn every_rule_is_told_in_spanish_with_its_figures_and_in_english_in_the_runs_words() {
        let es = Format(Language::Es);
        for (rule, word) in SENTENCES {
            let finding = finding(rule);
            let said = sentence(es, &finding);
            assert_eq!(said.lang, None, "{rule}");
            assert!(said.text.contains(&es.percent(0.0025)), "{rule}: {}", said.text);
            assert_eq!(said.text.contains(" 4"), Language::Es.say(word).contains("{count}"), "{rule}: {}", said.text);
            assert_eq!(sentence(Format(Language::En), &finding), Said::from(finding.words.as_str()));
        }
    }

    #[test]
    fn a_rule_of_a_newer_version_stands_in_its_own_words_marked_as_english() {
        let said = line(Format(Language::Es), &finding("moon_fell").of_column("customer_id"));
        assert_eq!(said.text, "price_history.customer_id: 4 of 1600 rows, of 2024-02");
        assert_eq!(said.lang, Some("en"));
    }

    #[test]
    fn each_severity_has_a_sign_and_a_word_of_its_own() {
        for language in Language::ALL {
            let marks = [Severity::Info, Severity::Warn, Severity::Block].map(|severity| leads_to(severity, language));
            let texts: std::collections::BTreeSet<_> = marks.iter().map(Mark::text).collect();
            assert_eq!(texts.len(), 3, "{texts:?}");
        }
    }
}
