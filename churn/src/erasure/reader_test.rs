//! Whatever a run reads as a row of an erased customer is one for an erasure too: read by a run, the copy has all rows but
//! theirs.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::{Erased, leave_out};
use crate::Unwatched;
use crate::raw::{RawTable, read};

type Row = (Option<String>, Option<i32>);

fn rows(path: &Path) -> Vec<Row> {
    let table = read(RawTable::ChurnLabel, path).unwrap();
    let customers = table.column("customer_id").unwrap().str().unwrap().iter();
    let labels = table.column("churn").unwrap().i32().unwrap().iter();
    customers.zip(labels).map(|(customer, label)| (customer.map(|id| id.trim().to_owned()), label)).collect()
}

/// What a run reads of a file of labels, and of its copy without `C1`.
fn before_and_after(text: &str) -> (Vec<Row>, Vec<Row>) {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (folder.path().join("source"), folder.path().join("target"));
    std::fs::write(&source, text).unwrap();
    let erased: Erased = Arc::new(|customer: &str| customer.trim() == "C1");
    leave_out(&source, "churn_label.csv", &target, &erased, &Unwatched).unwrap();
    (rows(&source), rows(&target))
}

/// A customer as a cell writes it, and a note: with quotes that mean nothing, or within quotes that do.
fn row() -> impl Strategy<Value = (&'static str, String)> {
    let customer = prop::sample::select(vec!["C1", "C2", "\"C1\"", " C1", "C1 ", "C1\"", "\"\""]);
    let note = prop_oneof!["[a5 ]\"{0,2}[a ]{0,2}", "\"([a,\n]|\"\"){0,4}\"", Just(String::new())];
    (customer, note)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn an_erasure_sees_the_records_that_a_run_sees(
        cells in prop::collection::vec(row(), 0..8),
        end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let mut text = format!("customer_id,note,churn{end}");
        for (place, (customer, note)) in cells.iter().enumerate() {
            text.extend([*customer, ",", note.as_str(), if place % 2 == 0 { ",0" } else { ",1" }, end]);
        }
        text.push_str("C9,,0");
        let (before, after) = before_and_after(&text);
        let others: Vec<_> = before.into_iter().filter(|(customer, _)| customer.as_deref() != Some("C1")).collect();
        prop_assert_eq!(after, others);
    }
}

#[test]
fn a_header_in_quotes_behind_a_byte_order_mark_ends_where_a_run_sees_its_end() {
    let (before, after) = before_and_after("\u{feff}\"a\nnote\",customer_id,churn\nx,C1,0\nx,C3,1\n");
    assert_eq!((before.len(), after.len()), (2, 1));
}

#[test]
fn a_quote_in_the_middle_of_a_field_hides_no_record_behind_it() {
    let (before, after) = before_and_after("customer_id,churn,note\nC2,0,5\" a\nC1,0,6\" b\nC3,1,\"x\"\n");
    assert_eq!((before.len(), after.len()), (3, 2));
    assert!(after.iter().all(|(customer, _)| customer.as_deref() != Some("C1")));
}
