use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;

fn query(text: &str) -> Query {
    Query::parse("/risk", Some(text))
}

#[test]
fn a_link_is_the_same_state_with_one_thing_changed() {
    let query = query("tier=high&tier=critical&from=&page=3&run=r1&lang=es");
    assert_eq!(
        query.with("sort", "-tenure_months"),
        "/risk?tier=high&tier=critical&run=r1&lang=es&sort=-tenure_months"
    );
    assert_eq!(query.with(PAGE, &4), "/risk?tier=high&tier=critical&run=r1&lang=es&page=4");
    assert_eq!(query.without("tier"), "/risk?run=r1&lang=es");
    assert_eq!(query.without_value("tier", "high"), "/risk?tier=critical&run=r1&lang=es");
    assert_eq!(query.to("/drift", &[("col", "tenure & co")]), "/drift?run=r1&lang=es&col=tenure+%26+co");
    assert_eq!(query.at("/risk/export.csv"), "/risk/export.csv?tier=high&tier=critical&page=3&run=r1&lang=es");
    assert_eq!(query.hidden(&["tier"]), [("run".to_owned(), "r1".to_owned()), ("lang".to_owned(), "es".to_owned())]);
    assert_eq!(Query::parse("/risk", None).href(), "/risk");
}

#[test]
fn what_a_value_cannot_mean_is_named_and_the_default_is_used() {
    let query = query("sort=-margin&per=7&page=x&from=0,5&to=3&unknown=1");
    let mut reader = Reader::new(&query);
    let sort = Sort::read(&mut reader, &["loss"], Sort::descending("loss"));
    let paging = Paging::read(&mut reader);
    assert_eq!((sort.value(), paging), ("-loss".to_owned(), Paging::default()));
    assert_eq!(reader.number("from", 0.0, 1.0), Some(0.5));
    assert_eq!(reader.number("to", 0.0, 1.0), None);
    let bad = reader.bad();
    let named: Vec<_> = bad.iter().map(|bad| (bad.key, bad.value.as_str(), bad.used.as_str())).collect();
    assert_eq!(named, [("sort", "-margin", "-loss"), ("per", "7", "50"), ("page", "x", "1"), ("to", "3", "")]);
}

#[test]
fn a_page_behind_the_last_is_the_last_and_nothing_has_one_empty_page() {
    let paging = Paging { page: 9, per: 50 };
    assert_eq!(paging.of(101), Range { start: 100, end: 101, total: 101, page: 3, pages: 3 });
    assert_eq!(paging.of(0), Range { start: 0, end: 0, total: 0, page: 1, pages: 1 });
}

#[test]
fn a_click_turns_the_order_around_and_the_unknown_is_always_last() {
    let sort = Sort::descending("loss");
    assert_eq!(sort.clicked("loss"), Sort::ascending("loss"));
    assert_eq!(sort.clicked("tenure"), Sort::descending("tenure"));
    for sort in [sort, Sort::ascending("loss")] {
        assert_eq!(sort.compare(None, Some(&1.0), f64::total_cmp), Ordering::Greater);
    }
    assert_eq!(sort.compare(Some(&1.0), Some(&2.0), f64::total_cmp), Ordering::Greater);
}

proptest! {
    #[test]
    fn any_query_is_read_and_a_link_leads_back_to_it(text in ".{0,80}") {
        let query = query(&text);
        let mut reader = Reader::new(&query);
        let sort = Sort::read(&mut reader, &["loss"], Sort::descending("loss"));
        let range = Paging::read(&mut reader).of(7);
        prop_assert!(range.end <= 7 && range.start <= range.end && sort.column == "loss");
        let href = query.href();
        let again = Query::parse("/risk", href.split_once('?').map(|(_, query)| query));
        prop_assert_eq!(again, query);
    }
}
