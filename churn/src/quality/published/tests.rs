use super::*;
use crate::contract::Layer;
use crate::quality::CheckState;

fn report(rows: u64, null_rate: f64, categories: &[(&str, u64)], monthly: Option<MonthlyFacts>) -> QualityReport {
    let column = ColumnProfile {
        name: "region".to_owned(),
        dtype: "str".to_owned(),
        nulls: (null_rate * rows as f64) as u64,
        null_rate,
        min: None,
        max: None,
        first_date: None,
        last_date: None,
        categories: Some(categories.iter().map(|(name, rows)| ((*name).to_owned(), *rows)).collect()),
    };
    let table = TableProfile { table: "t".to_owned(), rows, columns: 1, duplicate_keys: 0, schema: vec![column] };
    QualityReport { monthly, ..QualityReport::of(Layer::Raw, vec![table]) }
}

fn facts(customers: u64, sums: &[(&str, f64)]) -> MonthlyFacts {
    let sums = sums.iter().map(|(month, kwh)| ((*month).to_owned(), [*kwh, 0.0])).collect();
    MonthlyFacts { customers, sums, ..MonthlyFacts::default() }
}

fn found(now: &QualityReport, before: &QualityReport) -> Vec<(String, Severity)> {
    let (findings, _) = against_published(now, Some(before), &CheckRules::default());
    findings.into_iter().map(|finding| (finding.rule, finding.severity)).collect()
}

#[test]
fn what_nobody_could_compare_is_not_evaluated_and_says_why() {
    let (findings, checks) = against_published(&report(100, 0.0, &[], None), None, &CheckRules::default());
    assert!(findings.is_empty() && checks.len() == 3);
    assert!(checks.iter().all(|check| check.state == CheckState::NotEvaluated && check.reason.is_some()));
}

#[test]
fn the_same_delivery_passes_all() {
    let same = report(100, 0.1, &[("Aragón", 100)], Some(facts(100, &[("2024-01", 5.0)])));
    let (findings, checks) = against_published(&same, Some(&same), &CheckRules::default());
    assert!(findings.is_empty() && checks.len() == 7);
    assert!(checks.iter().all(|check| check.state == CheckState::Passed));
}

#[test]
fn lost_rows_new_nulls_and_unseen_categories_show() {
    let before = report(1000, 0.0, &[("Aragón", 1000)], None);
    let now = report(900, 0.3, &[("Aragón", 800), ("Aragon", 100)], None);
    let expected = [
        ("published_rows".to_owned(), Severity::Warn),
        ("published_nulls".to_owned(), Severity::Block),
        ("unseen_categories".to_owned(), Severity::Warn),
    ];
    assert_eq!(found(&now, &before), expected);
    assert!(found(&before, &now).is_empty(), "more is no loss, and fewer categories neither");
}

#[test]
fn channels_that_have_a_name_are_known_whatever_was_published() {
    let of = |channels: &[(&str, u64)]| {
        let mut report = report(100, 0.0, channels, None);
        report.tables[0].schema[0].name = "sales_channel".to_owned();
        report
    };
    let before = of(&[("oficina", 70), ("unknown", 30)]);
    assert!(found(&of(&[("oficina", 70), ("Telemarketing", 30)]), &before).is_empty());
    let (findings, _) = against_published(&of(&[("feria", 100)]), Some(&before), &CheckRules::default());
    assert!(findings[0].words.contains("checks.unseen_categories.block"), "{}", findings[0].words);
}

#[test]
fn months_that_move_on_take_their_rows_with_them_and_contacts_vary() {
    let of = |table: &str, rows: u64, first: &str| {
        let mut report = report(rows, 0.0, &[], None);
        let months = &mut report.tables[0];
        months.table = table.to_owned();
        months.schema[0].name = "month".to_owned();
        months.schema[0].first_date = Some(first.to_owned());
        months.schema[0].last_date = Some("2024-12".to_owned());
        report
    };
    let costs = |rows, first| of("costs_by_province_month", rows, first);
    let rows = |severity| [("published_rows".to_owned(), severity)];
    assert!(found(&costs(624, "2024-01"), &costs(676, "2023-12")).is_empty());
    assert_eq!(found(&costs(500, "2024-01"), &costs(676, "2023-12")), rows(Severity::Warn));
    assert_eq!(found(&costs(52, "2024-12"), &costs(676, "2023-12")), rows(Severity::Block));
    assert_eq!(found(&of(CONTACTS, 10, "x"), &of(CONTACTS, 100, "x")), rows(Severity::Warn));
}

#[test]
fn prices_and_costs_of_another_size_show() {
    let of = |eur: f64| {
        let money = BTreeMap::from([("elec_var_cost_eur_kwh".to_owned(), eur)]);
        report(100, 0.0, &[], Some(MonthlyFacts { money, ..facts(100, &[]) }))
    };
    let told = |severity| [("published_money".to_owned(), severity)];
    assert!(found(&of(0.09), &of(0.08)).is_empty());
    assert_eq!(found(&of(0.11), &of(0.08)), told(Severity::Warn));
    assert_eq!(found(&of(8.0), &of(0.08)), told(Severity::Block));
    assert_eq!(found(&of(0.0), &of(0.08)), told(Severity::Block));
}

#[test]
fn lost_customers_months_and_energy_show() {
    let before = report(100, 0.0, &[], Some(facts(1000, &[("2024-01", 100.0), ("2024-02", 100.0)])));
    let now = report(100, 0.0, &[], Some(facts(700, &[("2024-02", 110.0), ("2024-03", 9.0)])));
    let expected = [
        ("published_customers".to_owned(), Severity::Block),
        ("published_months".to_owned(), Severity::Block),
        ("published_sums".to_owned(), Severity::Warn),
    ];
    assert_eq!(found(&now, &before), expected);
}

#[test]
fn more_energy_is_told_and_less_may_block() {
    let of = |kwh| report(100, 0.0, &[], Some(facts(100, &[("2024-01", kwh)])));
    assert_eq!(found(&of(300.0), &of(100.0)), [("published_sums".to_owned(), Severity::Warn)]);
    assert_eq!(found(&of(70.0), &of(100.0)), [("published_sums".to_owned(), Severity::Block)]);
}

#[test]
fn months_that_the_run_does_not_look_at_warn_and_stop_nothing() {
    let of = |sums: &[(&str, f64)]| {
        let facts = MonthlyFacts { in_view_to: Some("2024-01".to_owned()), ..facts(100, sums) };
        report(100, 0.0, &[], Some(facts))
    };
    let before = of(&[("2024-01", 100.0), ("2024-02", 100.0)]);
    let warn = |rule: &str| [(rule.to_owned(), Severity::Warn)];
    assert_eq!(found(&of(&[("2024-01", 100.0), ("2024-02", 31.0)]), &before), warn("published_sums"));
    assert_eq!(found(&of(&[("2024-01", 100.0)]), &before), warn("published_months"));
    let block = [("published_sums".to_owned(), Severity::Block)];
    assert_eq!(found(&of(&[("2024-01", 31.0), ("2024-02", 100.0)]), &before), block);
}

#[test]
fn doubled_sums_block_but_for_new_customers_and_a_month_that_had_not_ended() {
    let of = |customers, january, february| {
        report(100, 0.0, &[], Some(facts(customers, &[("2024-01", january), ("2024-02", february)])))
    };
    let (warn, block) =
        ([("published_sums".to_owned(), Severity::Warn)], [("published_sums".to_owned(), Severity::Block)]);
    assert_eq!(found(&of(100, 1_100.0, 100.0), &of(100, 100.0, 100.0)), block);
    assert_eq!(found(&of(100, 200.0, 100.0), &of(100, 100.0, 100.0)), block, "a doubled delivery is just double");
    assert_eq!(found(&of(100, 190.0, 100.0), &of(100, 100.0, 100.0)), warn);
    assert_eq!(found(&of(300, 300.0, 300.0), &of(100, 100.0, 100.0)), warn, "three times the customers");
    assert_eq!(found(&of(100, 100.0, 300.0), &of(100, 100.0, 100.0)), warn, "the month had not ended");
}

#[test]
fn sums_that_new_customers_bring_name_them() {
    let of = |customers, kwh| report(100, 0.0, &[], Some(facts(customers, &[("2024-01", kwh)])));
    let words = |now: &QualityReport| {
        let (findings, _) = against_published(now, Some(&of(100, 100.0)), &CheckRules::default());
        findings.into_iter().map(|finding| finding.words).collect::<String>()
    };
    assert!(words(&of(130, 130.0)).ends_with("+30.0 %, of 130 customers where there were 100"));
    assert!(words(&of(100, 130.0)).ends_with("+30.0 %"));
}

#[test]
fn nulls_of_labels_and_of_prices_of_older_months_are_no_loss() {
    let of = |table: &str, column: &str, null_rate| {
        let mut report = report(100, null_rate, &[], None);
        report.tables[0].table = table.to_owned();
        report.tables[0].schema[0].name = column.to_owned();
        report
    };
    for (table, column, is_told) in [
        ("churn_label", "churn", false),
        ("churn_label", "customer_id", true),
        ("bronze_customer_month", "elec_var_cost_eur_kwh", false),
        ("bronze_customer_month", "monthly_elec_kwh", true),
        ("price_history", "elec_fixed_fee_eur_month", true),
    ] {
        let findings = found(&of(table, column, 1.0), &of(table, column, 0.0));
        assert_eq!(!findings.is_empty(), is_told, "{table}.{column}");
    }
}

#[test]
fn a_year_that_moves_on_loses_nothing() {
    let year = |first: u32| {
        let months: Vec<String> = (first..first + 12).map(|n| format!("20{}-{:02}", 24 + n / 12, n % 12 + 1)).collect();
        let sums: Vec<(&str, f64)> = months.iter().map(|month| (month.as_str(), 5.0)).collect();
        report(100, 0.0, &[], Some(facts(100, &sums)))
    };
    assert!(found(&year(1), &year(0)).is_empty());
    let gone: Vec<_> = found(&year(0), &year(1)).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(gone, ["published_months"], "the newest month was there");
}
