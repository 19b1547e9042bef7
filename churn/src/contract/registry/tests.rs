//! What a registry may say, and what it may not.

use super::*;

const HEAD: &str = "
null_limits: { raw: 0.8, bronze: 0.5, silver: 0.3, gold: 0.1 }
severity: { null_rate: warn, range: warn, values: warn, form: block, undeclared_column: warn }
tables:
";

fn problem(tables: &str) -> String {
    ColumnRegistry::parse(&format!("{HEAD}{tables}")).unwrap_err().to_string()
}

#[test]
fn a_column_takes_the_defaults_it_does_not_override() {
    let yaml = format!(
            "{HEAD}
  t:
    layer: silver
    columns:
      - {{ name: a, type: number, range: {{ min: 0, max: 2.5 }} }}
      - {{ name: b, type: date, nulls: block, null_rate: {{ limit: 0.7, severity: block }}, range: {{ min: 1970-01-02 }} }}
"
        );
    let registry = ColumnRegistry::parse(&yaml).unwrap();
    let table = registry.table("t").unwrap();
    let (a, b) = (table.column("a").unwrap(), table.column("b").unwrap());
    assert_eq!((a.null_limit, a.null_rate, a.nulls), (0.3, Severity::Warn, None));
    assert_eq!((b.null_limit, b.null_rate, b.nulls), (0.7, Severity::Block, Some(Severity::Block)));
    let (range_a, range_b) = (a.range.as_ref().unwrap(), b.range.as_ref().unwrap());
    assert_eq!((range_a.low, range_a.high, range_a.text.as_str()), (0.0, 2.5, "0 to 2.5"));
    assert_eq!((range_b.low, range_b.high, range_b.text.as_str()), (1.0, f64::INFINITY, "1970-01-02 or more"));
}

#[test]
fn all_problems_are_reported_at_once() {
    let message = problem(
        "
  t:
    layer: raw
    unique: [{ columns: [nobody], severity: block }]
    references:
      - { column: a, table: u, key: a, severity: warn }
      - { column: a, table: t, key: b, severity: warn }
    freshness: { column: a, max_age_days: 3, severity: warn }
    columns:
      - { name: a, type: string, range: { min: 0 } }
      - { name: a, type: string }
      - { name: b, type: number, values: { allowed: [x] } }
      - { name: c, type: text }
      - { name: d, type: date, range: { max: 7 } }
      - { name: e, type: number, null_rate: { limit: 1.5 } }
      - { name: f, type: number, range: { min: 2, max: 1 } }
      - { name: g, type: string, nullable: false }
      - { name: h, type: flag, below_zero: { warn: 0, block: 0.1 } }
      - { name: i, type: number, below_zero: { warn: 0.2, block: 0.1 } }
  v: { layer: platinum, columns: [] }
",
    );
    for expected in [
        "t.unique: no column nobody",
        "t.references: no column a in a table u",
        "t.references: a and t.b do not compare",
        "t.freshness: no column a of dates or months",
        "t.a: text has no range",
        "t.a: the column is there twice",
        "t.b: only text has a list of values",
        "t.c: ",
        "t.d: the bound 7 does not fit the column's type",
        "t.e.null_rate.limit: 1.5 is not a share",
        "t.f: the range has min above max",
        "t.g: ",
        "t.h: only a measure may be below 0",
        "t.i.below_zero: warn 0.2 and block 0.1 are not shares",
        "v: ",
    ] {
        assert!(message.contains(expected), "{expected} is not in {message}");
    }
}

#[test]
fn a_table_declared_twice_is_an_error() {
    let table = "  t: { layer: raw, columns: [{ name: a, type: string }] }\n";
    assert!(problem(&format!("{table}{table}")).contains("duplicate"));
}

#[test]
fn a_layer_without_a_null_limit_is_an_error() {
    let yaml =
        format!("{HEAD}  t: {{ layer: gold, columns: [{{ name: a, type: string }}] }}\n").replace(", gold: 0.1", "");
    let message = ColumnRegistry::parse(&yaml).unwrap_err().to_string();
    assert!(message.contains("t: null_limits has no limit for the layer gold"), "{message}");
}
