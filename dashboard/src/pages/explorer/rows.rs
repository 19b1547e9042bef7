//! The rows that pass the filters, in the order that is asked for.

use std::cmp::Ordering;

use polars::prelude::DataFrame;

use super::state::{Against, Filter, Op, RowOrder, State};
use super::values::Values;
use crate::data::DataError;

/// The positions of the rows that pass every filter, in order.
pub fn rows(frame: &DataFrame, state: &State) -> Result<Vec<usize>, DataError> {
    let mut rows: Vec<usize> = (0..frame.height()).collect();
    for filter in &state.filters {
        let values = Values::of(frame, &filter.column)?;
        rows.retain(|row| passes(&values, *row, filter));
    }
    if let Some(order) = &state.order {
        sort(&Values::of(frame, &order.column)?, order, &mut rows);
    }
    Ok(rows)
}

fn passes(values: &Values<'_>, row: usize, filter: &Filter) -> bool {
    let known = match values {
        Values::Numbers(cells) => cells[row].is_some(),
        Values::Texts(cells) => cells[row].is_some(),
        Values::Dates(cells) => cells[row].is_some(),
        Values::Other => false,
    };
    match filter.op {
        Op::Known => known,
        Op::Unknown => !known,
        // What has no value is not this one.
        Op::IsNot if !known => true,
        _ => held_against(values, row, filter).is_some_and(|passes| passes),
    }
}

/// Whether a known cell passes; nothing where cell and value are of different kinds.
fn held_against(values: &Values<'_>, row: usize, filter: &Filter) -> Option<bool> {
    let order = match (values, &filter.against) {
        (Values::Numbers(cells), Against::Number(number)) => cells[row]?.partial_cmp(number)?,
        (Values::Dates(cells), Against::Day(day)) => cells[row]?.cmp(day),
        (Values::Texts(cells), Against::Text(text)) if filter.op == Op::Contains => {
            return Some(cells[row]?.to_lowercase().contains(&text.to_lowercase()));
        }
        (Values::Texts(cells), Against::Text(text)) => cells[row]?.cmp(text.as_str()),
        _ => return None,
    };
    Some(filter.op.passes(order))
}

/// Rows of the same value stay in the order of the table, which is that of the customers or of their risk.
fn sort(values: &Values<'_>, order: &RowOrder, rows: &mut [usize]) {
    rows.sort_by(|&a, &b| match values {
        Values::Numbers(cells) => order.compare(cells[a].as_ref(), cells[b].as_ref(), f64::total_cmp),
        Values::Texts(cells) => order.compare(cells[a].as_ref(), cells[b].as_ref(), Ord::cmp),
        Values::Dates(cells) => order.compare(cells[a].as_ref(), cells[b].as_ref(), Ord::cmp),
        Values::Other => Ordering::Equal,
    });
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;
    use crate::data::cells;
    use crate::pages::explorer::profile::Profile;
    use crate::query::{Query, Reader};
    use crate::test_site::scores;

    fn state(text: &str) -> (State, usize) {
        let query = Query::parse("/explorer", Some(text));
        let mut reader = Reader::new(&query);
        let state = State::read(&mut reader, &query, &Profile::of(&scores()).unwrap());
        (state, reader.bad().len())
    }

    fn found(text: &str) -> Vec<usize> {
        let (state, bad) = state(text);
        assert_eq!(bad, 0, "{text}");
        rows(&scores(), &state).unwrap()
    }

    fn by_polars(filter: Expr) -> Vec<usize> {
        let numbered = scores().with_row_index("row".into(), None).unwrap();
        let passed = numbered.lazy().filter(filter).collect().unwrap();
        cells::numbers(&passed, "row").unwrap().into_iter().flatten().map(|row| row as usize).collect()
    }

    #[test]
    fn each_operator_equals_polars() {
        let tenure = || col("tenure_months");
        let segment = || col("segment");
        let sme = || lit("SME".to_owned());
        let filters = [
            ("", lit(true)),
            ("c1=tenure_months&o1=is&v1=7", tenure().eq(lit(7.0))),
            ("c1=tenure_months&o1=not&v1=7", tenure().neq(lit(7.0)).or(tenure().is_null())),
            ("c1=tenure_months&o1=ge&v1=7,5", tenure().gt_eq(lit(7.5))),
            ("c1=tenure_months&o1=le&v1=7", tenure().lt_eq(lit(7.0))),
            ("c1=tenure_months&o1=gt&v1=7", tenure().gt(lit(7.0))),
            ("c1=tenure_months&o1=lt&v1=7", tenure().lt(lit(7.0))),
            ("c1=tenure_months&o1=null", tenure().is_null()),
            ("c1=tenure_months&o1=known", tenure().is_not_null()),
            ("c1=segment&v1=SME", segment().eq(sme())),
            ("c2=segment&o2=not&v2=SME", segment().neq(sme()).or(segment().is_null())),
            ("c1=segment&o1=has&v1=sm", segment().eq(sme())),
            ("c1=as_of&o1=is&v1=2024-12-31", lit(true)),
            ("c1=as_of&o1=gt&v1=2024-12-31", lit(false)),
            (
                "c1=segment&v1=SME&c2=tenure_months&o2=ge&v2=5&c5=has_interaction&v5=1",
                segment().eq(sme()).and(tenure().gt_eq(lit(5.0))).and(col("has_interaction").eq(lit(1))),
            ),
            ("c1=segment&o1=is&v1=", lit(true)),
        ];
        for (text, expected) in filters {
            assert_eq!(found(text), by_polars(expected), "{text}");
        }
    }

    #[test]
    fn what_means_nothing_is_named_and_no_customer_is_looked_for_by_an_address() {
        for bad in [
            "c1=nothing&v1=1",
            "c1=customer_id&v1=C00001",
            "c1=tenure_months&v1=many",
            "c1=tenure_months&o1=has&v1=1",
            "c1=as_of&v1=yesterday",
            "col=customer_id",
            "sort=-nothing",
            "by=x",
        ] {
            let (state, named) = state(bad);
            assert_eq!((named, state.filters.len()), (1, 0), "{bad}");
        }
    }

    #[test]
    fn the_order_is_that_of_the_column_and_the_unknown_is_last() {
        for (text, descends) in [("sort=tenure_months", false), ("sort=-tenure_months", true)] {
            let ordered = cells::rows_at(&scores(), &found(text)).unwrap();
            let cells = cells::numbers(&ordered, "tenure_months").unwrap();
            let known: Vec<f64> = cells.iter().map_while(|cell| *cell).collect();
            assert!(cells[known.len()..].iter().all(Option::is_none), "{text}");
            assert!(
                known.windows(2).all(|pair| if descends { pair[0] >= pair[1] } else { pair[0] <= pair[1] }),
                "{text}"
            );
        }
        let order = RowOrder { column: "a".to_owned(), direction: crate::query::Direction::Descending };
        assert_eq!((RowOrder::clicked(Some(&order), "a").as_str(), RowOrder::clicked(None, "a").as_str()), ("a", "-a"));
    }
}
