use polars::prelude::*;

use super::*;

/// What differs from a table of two customers in one month of which all is known.
#[derive(Clone, Copy)]
struct Cells {
    month: &'static str,
    price: [Option<f64>; 2],
    cost: [Option<f64>; 2],
    margin: [Option<f64>; 2],
}

const KNOWN: Cells = Cells { month: "2024-12", price: [Some(0.5); 2], cost: [Some(0.1); 2], margin: [Some(1.0); 2] };

fn table(cells: &[Cells]) -> DataFrame {
    let rows = cells.len() * 2;
    let of = |pick: fn(&Cells) -> [Option<f64>; 2]| cells.iter().flat_map(pick).collect::<Vec<Option<f64>>>();
    let mut columns = vec![
        Column::new("customer_id".into(), ["C1", "C2"].repeat(cells.len())),
        Column::new("month".into(), cells.iter().flat_map(|cells| [cells.month; 2]).collect::<Vec<_>>()),
        Column::new("total_margin".into(), of(|cells| cells.margin)),
    ];
    let (_, prices, _) = &sources()[0];
    columns.extend(prices.iter().map(|name| Column::new((*name).into(), of(|cells| cells.price))));
    columns.extend(PROVINCE_COSTS.map(|name| Column::new(name.into(), of(|cells| cells.cost))));
    let consumption: BTreeSet<&str> = PRICE_AND_CONSUMPTION.into_iter().map(|(_, name)| name).collect();
    columns.extend(consumption.into_iter().map(|name| Column::new(name.into(), vec![10.0_f64; rows])));
    for amount in ["elec_cost_variable", "gas_cost_variable", "elec_cost_fixed", "gas_cost_fixed"] {
        let amounts = of(|cells| cells.cost.map(|cost| cost.map(|cost| cost * 10.0)));
        columns.push(Column::new(amount.into(), amounts));
    }
    DataFrame::new(rows, columns).unwrap()
}

fn found(before: &[Cells], after: &[Cells]) -> Vec<(String, Severity, u64, String)> {
    let customers = df!("customer_id" => ["C1", "C2"], "province_code" => [8, 28]).unwrap();
    let as_of = SnapshotDate::parse("2024-12-31").ok();
    let findings = of_money(&table(before), &table(after), &customers, as_of, &CheckRules::default()).unwrap().0;
    findings.into_iter().map(|found| (found.rule, found.severity, found.count, found.words)).collect()
}

fn rules(findings: &[(String, Severity, u64, String)]) -> Vec<(&str, Severity, u64)> {
    findings.iter().map(|(rule, severity, count, _)| (rule.as_str(), *severity, *count)).collect()
}

#[test]
fn costs_that_were_carried_forward_are_counted_and_named_with_their_month() {
    assert!(found(&[KNOWN], &[KNOWN]).is_empty());
    let findings = found(&[Cells { cost: [Some(0.1), None], ..KNOWN }], &[KNOWN]);
    assert_eq!(rules(&findings), [("carried_forward", Severity::Warn, 1)]);
    assert!(findings[0].3.contains("costs of 1 customer-months") && findings[0].3.contains("2024-12"));
    let zeros = found(&[Cells { cost: [Some(0.0); 2], ..KNOWN }], &[KNOWN]);
    assert_eq!(rules(&zeros), [("carried_forward", Severity::Warn, 2)], "0 for everybody is not there either");
}

#[test]
fn customers_whose_margin_is_not_known_are_told_and_many_block() {
    let before = Cells { cost: [Some(0.1), None], ..KNOWN };
    let after = Cells { cost: [Some(0.1), Some(0.0)], margin: [Some(1.0), None], ..KNOWN };
    let findings = found(&[before], &[after]);
    assert_eq!(rules(&findings), [("unknown_margin", Severity::Block, 1)]);
    assert!(findings[0].3.contains("1 provinces") && !findings[0].3.contains("C2"), "{}", findings[0].3);
    let cause = "(elec_var_cost_eur_kwh of costs_by_province_month.csv in 1 of them)";
    assert!(findings[0].3.contains(cause), "{}", findings[0].3);
}

#[test]
fn energy_that_costs_nothing_in_any_month_blocks() {
    let free = Cells { cost: [Some(0.0); 2], ..KNOWN };
    let expected = [("zero_costs", Severity::Block, 2); 3];
    assert_eq!(rules(&found(&[free], &[free])), expected, "electricity, gas and the grid");
    let free = Cells { price: [Some(0.0); 2], ..KNOWN };
    let of_fixed = ("zero_costs", Severity::Block, 2);
    assert!(rules(&found(&[free], &[free])).contains(&of_fixed), "the fixed cost of the customer");
}

#[test]
fn what_is_paid_and_what_it_costs_are_of_one_unit() {
    let months = ["2024-03", "2024-04", "2024-05", "2024-06", "2024-07", "2024-08", "2024-09", "2024-10", "2024-11"];
    let of = |cost: f64| {
        let cells = |month| Cells { month, cost: [Some(cost); 2], ..KNOWN };
        let year: Vec<Cells> = months.into_iter().chain(["2024-12"]).map(cells).collect();
        found(&year, &year).into_iter().map(|(rule, severity, ..)| (rule, severity)).collect::<Vec<_>>()
    };
    let block = || ("price_and_cost".to_owned(), Severity::Block);
    assert!(of(0.2).is_empty());
    assert_eq!(of(10.0), [block(), block()], "cents in place of euros: electricity and gas");
    assert_eq!(of(0.02), [block(), block()]);
}

#[test]
fn the_fixed_amount_of_gas_and_its_cost_are_of_one_time() {
    let months: Vec<String> = (1..=12).map(|month| format!("2024-{month:02}")).collect();
    let customers = df!("customer_id" => ["C1", "C2"], "province_code" => [8, 28]).unwrap();
    let as_of = SnapshotDate::parse("2024-12-31").ok();
    let found = |cost: f64| {
        let mut year = table(&[KNOWN; 12]);
        let in_months = months.iter().flat_map(|month| [month.as_str(); 2]).collect::<Vec<_>>();
        year.with_column(Column::new("month".into(), in_months)).unwrap();
        year.with_column(Column::new("gas_fixed_cost_eur_year".into(), vec![cost; 24])).unwrap();
        let findings = of_money(&year, &year, &customers, as_of, &CheckRules::default()).unwrap().0;
        findings.into_iter().map(|found| (found.rule, found.column, found.severity)).collect::<Vec<_>>()
    };
    let block = [("price_and_cost".to_owned(), Some(GAS_FIXED.to_owned()), Severity::Block)];
    assert!(found(0.2).is_empty() && found(-0.2).is_empty());
    assert_eq!(found(0.2 * 12.0), block, "a cost of twelve years, or an amount of a month");
    assert_eq!(found(0.2 / 12.0), block);
}

#[test]
fn a_part_of_the_prices_of_another_unit_is_told_and_a_large_one_blocks() {
    let cents = Cells { cost: [Some(10.0); 2], ..KNOWN };
    let price = |odd: usize| {
        let months: Vec<Cells> = (0..100).map(|month| if month < odd { cents } else { KNOWN }).collect();
        let of_price = found(&months, &months).into_iter().filter(|(rule, ..)| rule == "price_and_cost");
        of_price.map(|(_, severity, count, words)| (severity, count, words)).next()
    };
    assert_eq!(price(1), None, "one in a hundred may be so");
    let (severity, count, words) = price(2).unwrap();
    assert_eq!((severity, count), (Severity::Warn, 4));
    assert!(words.contains("in 4 of 200 customer-months") && words.contains("cents"), "{words}");
    assert_eq!(price(21).unwrap().0, Severity::Block);
}

#[test]
fn a_retailer_that_loses_money_with_most_customers_is_told() {
    let ids: Vec<String> = (0..20).map(|number| format!("C{number:02}")).collect();
    let customers = df!("customer_id" => &ids, "province_code" => vec![8; 20]).unwrap();
    let as_of = SnapshotDate::parse("2024-12-31").ok();
    let of = |losing: usize| {
        let mut months = table(&[KNOWN; 10]);
        let margins: Vec<f64> = (0..20).map(|row| if row < losing { -1.0 } else { 1.0 }).collect();
        months.with_column(Column::new("customer_id".into(), &ids)).unwrap();
        months.with_column(Column::new("total_margin".into(), margins)).unwrap();
        let findings = of_money(&months, &months, &customers, as_of, &CheckRules::default()).unwrap().0;
        findings.into_iter().map(|found| (found.rule, found.severity, found.count)).collect::<Vec<_>>()
    };
    assert!(of(10).is_empty(), "a half is not most");
    assert_eq!(of(11), [("below_cost".to_owned(), Severity::Warn, 11)]);
}

#[test]
fn prices_that_most_consumption_lacks_block_even_if_others_were_taken() {
    let findings = found(&[Cells { price: [None; 2], ..KNOWN }], &[KNOWN]);
    assert_eq!(rules(&findings)[..2], [("carried_forward", Severity::Warn, 2), ("missing_prices", Severity::Block, 2)]);
    assert_eq!(findings.len(), 1 + PRICE_AND_CONSUMPTION.len());
}

#[test]
fn months_before_the_window_need_no_prices() {
    let unknown = [None; 2];
    let before = Cells { month: "2023-12", price: unknown, cost: unknown, margin: unknown };
    let after = Cells { price: [Some(0.0); 2], cost: [Some(0.0); 2], ..before };
    // In the order of a table: by customer and month.
    let two = |earlier: Cells| {
        let both = table(&[earlier, KNOWN]);
        both.take(&IdxCa::from_vec("row".into(), vec![0, 2, 1, 3])).unwrap()
    };
    let customers = df!("customer_id" => ["C1", "C2"], "province_code" => [8, 28]).unwrap();
    let of = |as_of: &str| {
        let as_of = SnapshotDate::parse(as_of).ok();
        of_money(&two(before), &two(after), &customers, as_of, &CheckRules::default()).unwrap().0
    };
    assert!(of("2024-12-31").is_empty());
    assert!(!of("2024-11-30").is_empty(), "in the window they do");
    assert!(!of("2024-12-30").is_empty(), "it is of whole months");
}

#[test]
fn the_rows_of_both_tables_are_the_same_in_any_order() {
    let rows = |of: &[(&'static str, &str)]| Rows {
        customers: of.iter().map(|(customer, _)| Some(*customer)).collect(),
        months: of.iter().map(|(_, month)| Month::parse(month).unwrap()).collect(),
    };
    let bronze = [
        ("C1", "2024-11"),
        ("C1", "2024-12"),
        ("C1", "2025-01"),
        ("C2", "2024-12"),
        ("C2", "2024-12"),
        ("C3", "2025-01"),
    ];
    let silver = [("C1", "2024-11"), ("C1", "2024-12"), ("C2", "2024-12")];
    assert_eq!(in_both(&rows(&bronze), &rows(&silver)), [0, 1, 3, 4]);
    let mut backwards = silver;
    backwards.reverse();
    assert_eq!(in_both(&rows(&bronze), &rows(&backwards)), [0, 1, 3, 4]);
    let mut backwards = bronze;
    backwards.reverse();
    assert_eq!(in_both(&rows(&backwards), &rows(&silver)), [1, 2, 4, 5]);
    assert!(in_both(&rows(&bronze), &rows(&[])).is_empty());
}
