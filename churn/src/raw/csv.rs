//! The CSV files, by the one reader of [`crate::csv`]: an error names the row as a person sees it in an editor.

use std::path::Path;

use super::RawRead;
use super::cell::CellType;
use super::raw_table::RawTable;
use super::table::TableBuilder;
use crate::csv::{Problem, Records, require_columns};
use crate::error::{Error, Result};

/// A header in the middle that is not the first line again, word for word.
const ANOTHER_HEADER: &str = "the name of a column stands here: were files put together whose headers differ? deliver \
                              one file with one header";

/// Reads the content of a CSV file (without byte order mark).
pub(super) fn read(table: RawTable, content: &[u8]) -> Result<RawRead> {
    let mut records = Records::new(content, Path::new(table.file_name()), table.file_name())?;
    let names: Vec<&str> = table.columns().iter().map(|(name, _)| *name).collect();
    let header = if table == RawTable::ChurnLabel {
        // Who scores has no labels: a file of ids is enough, and so is that of the attributes.
        crate::csv::require_columns_but_the_last(&mut records, &names, "contracted_power_kw")?
    } else {
        require_columns(&mut records, &names)?
    };
    let mut builder = TableBuilder::new(table);
    let mut buffer = String::new();
    while records.advance_to_data()? {
        header.check_width(&records)?;
        for (index, &position) in header.places.iter().enumerate() {
            let (name, cell_type) = table.columns()[index];
            let text = records.text(position, name)?;
            let cell = cell(text, cell_type);
            let cell = match cell {
                Some(number) if cell_type.is_number() => {
                    let plain = records.dialect().plain_number(number, &mut buffer);
                    Some(plain.map_err(|rule| broken(&records, table, index, text, rule))?)
                }
                other => other,
            };
            builder.push(index, cell).map_err(|rule| broken(&records, table, index, text, rule))?;
        }
        for (index, &name) in names.iter().enumerate().skip(header.places.len()) {
            builder.push(index, None).map_err(|rule| records.problem(&Problem(Some(name), rule)))?;
        }
    }
    Ok(RawRead { frame: builder.finish()?, findings: records.findings(table.as_str()) })
}

/// An error of the cell in the column at `index` of the table.
fn broken(records: &Records<&[u8]>, table: RawTable, index: usize, text: &str, rule: &str) -> Error {
    let is_header = table.columns().iter().any(|(name, _)| text.trim().eq_ignore_ascii_case(name));
    let rule = if is_header { ANOTHER_HEADER } else { rule };
    records.problem(&Problem(Some(table.columns()[index].0), rule))
}

/// What a cell says: blanks around it are no part of it, except of a text, and a blank one says nothing.
fn cell(text: &str, cell_type: CellType) -> Option<&str> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return None;
    }
    Some(if cell_type == CellType::Text { text } else { trimmed })
}

#[cfg(test)]
mod tests {
    use polars::prelude::DataFrame;

    use super::*;

    fn label(content: &str) -> Result<DataFrame> {
        read(RawTable::ChurnLabel, content.as_bytes()).map(|read| read.frame)
    }

    fn message(table: RawTable, content: &[u8]) -> String {
        read(table, content).err().map(|error| error.to_string()).unwrap_or_default()
    }

    fn ids(table: &DataFrame) -> Vec<Option<&str>> {
        table.column("customer_id").unwrap().str().unwrap().iter().collect()
    }

    #[test]
    fn columns_come_typed_and_in_the_declared_order() {
        let table = label("churn,extra,customer_id\n1,x,C1\n0,,C2\n").unwrap();
        assert_eq!(table.get_column_names(), ["customer_id", "churn"]);
        let flags: Vec<_> = table.column("churn").unwrap().i32().unwrap().iter().collect();
        assert_eq!(ids(&table), [Some("C1"), Some("C2")]);
        assert_eq!(flags, [Some(1), Some(0)]);
    }

    #[test]
    fn blank_cells_are_null_ids_are_trimmed_and_text_stays_as_it_is() {
        let table = label("customer_id,churn\n,1\n\"\", \n C1\u{a0}, 0\n").unwrap();
        assert_eq!(ids(&table), [None, Some("C1")], "a row of blanks is none");
        let text = "customer_id,sales_channel,customer_first_activation_date,contract_start_date,\
                    last_product_change_date,next_renewal_date\nC1, oficina ,2020-01-01 , 2024-01-01,  ,\n";
        let table = read(RawTable::CustomerContracts, text.as_bytes()).unwrap().frame;
        assert_eq!(table.column("sales_channel").unwrap().str().unwrap().get(0), Some(" oficina "));
        assert_eq!(table.column("contract_start_date").unwrap().null_count(), 0);
        assert_eq!(table.column("last_product_change_date").unwrap().null_count(), 1);
    }

    #[test]
    fn quotes_hold_commas_quotes_and_line_ends() {
        let table = label("customer_id,churn\r\n\"a,\"\"b\"\"\r\nc\",1\r\nC2,\"0\"\r\n\r\n").unwrap();
        assert_eq!(ids(&table), [Some("a,\"b\"\r\nc"), Some("C2")]);
    }

    #[test]
    fn spains_normal_export_is_read_and_told() {
        let text = "month;province;elec_var_cost_eur_kwh;gas_var_cost_eur_m3;peaje_elec_eur_kwh\r\n2024-01;08;0,125;0;-1e-3\r\n";
        let read = read(RawTable::CostsByProvinceMonth, text.as_bytes()).unwrap();
        let cost = |name: &str| read.frame.column(name).unwrap().f64().unwrap().get(0);
        let costs = ["elec_var_cost_eur_kwh", "gas_var_cost_eur_m3", "peaje_elec_eur_kwh"].map(cost);
        assert_eq!(costs, [Some(0.125), Some(0.0), Some(-0.001)]);
        assert_eq!(read.findings[0].rule, "semicolons");
        let mixed = message(RawTable::CostsByProvinceMonth, text.replace("0,125", "0.125").as_bytes());
        let expected = "costs_by_province_month.csv, column elec_var_cost_eur_kwh, row 2: a decimal point in a file \
                        whose fields are separated by `;`: either semicolons with a decimal comma";
        assert!(mixed.starts_with(expected), "{mixed}");
        let commas = message(RawTable::CostsByProvinceMonth, text.replace(';', ",").as_bytes());
        assert!(commas.contains("row 2: 6 fields where the header has 5 (a decimal comma"), "{commas}");
    }

    #[test]
    fn rows_of_commas_are_no_rows_and_are_counted() {
        let read = read(RawTable::ChurnLabel, b"customer_id,churn\nC1,1\n\nC2,0\n,\n,\n").unwrap();
        assert_eq!(ids(&read.frame), [Some("C1"), Some("C2")]);
        assert_eq!((read.findings[0].rule.as_str(), read.findings[0].count), ("blank_rows", 3));
    }

    #[test]
    fn a_header_that_comes_again_is_passed_over_and_told() {
        let together = "customer_id,churn\r\nC1,1\r\n\u{feff}customer_id,churn\r\nC2,0\r\ncustomer_id,churn\r\n";
        let read = read(RawTable::ChurnLabel, together.as_bytes()).unwrap();
        assert_eq!(ids(&read.frame), [Some("C1"), Some("C2")]);
        let told = &read.findings[0];
        assert_eq!((told.rule.as_str(), told.count), ("repeated_header", 2));
        assert!(told.words.contains("were files put together?"), "{}", told.words);
        let other = message(RawTable::ChurnLabel, b"customer_id,churn\nC1,1\nChurn,customer_id\n0,C2\n");
        assert!(other.contains("column churn, row 3: the name of a column stands here"), "{other}");
    }

    #[test]
    fn the_line_that_tells_excel_the_separator_counts_as_a_row_and_holds_nothing() {
        let table = label("sep=;\ncustomer_id;churn\nC1;1\n").unwrap();
        assert_eq!(ids(&table), [Some("C1")]);
        let message = message(RawTable::ChurnLabel, b"sep=;\ncustomer_id;churn\nC1;x\n");
        assert!(message.contains("row 3: not a flag"), "{message}");
    }

    #[test]
    fn a_row_with_the_wrong_number_of_fields_is_named() {
        for content in ["customer_id,churn\nC1,1\nC2\n", "customer_id,churn\nC1,1\nC2,1,0\n"] {
            let message = message(RawTable::ChurnLabel, content.as_bytes());
            assert!(message.starts_with("churn_label.csv, row 3: "), "{message}");
            assert!(message.contains("the header has 2"), "{message}");
        }
        let cut = message(RawTable::ChurnLabel, b"customer_id,churn\nC1,1\nC2");
        assert!(cut.contains("row 3") && cut.contains("is the file cut off?"), "{cut}");
    }

    #[test]
    fn a_wrong_cell_is_named_by_column_and_row_and_never_shown() {
        let message = message(RawTable::ChurnLabel, b"customer_id,churn\nC1,1\nC2,secret\n");
        assert_eq!(
            message,
            "churn_label.csv, column churn, row 3: not a flag (0 or 1); correct the file and start again"
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_are_an_error_of_their_cell() {
        let message = message(RawTable::ChurnLabel, b"customer_id,churn\nC1,1\nC\xE9,0\n");
        assert!(message.starts_with("churn_label.csv, column customer_id, row 3: not UTF-8 text"), "{message}");
    }

    #[test]
    fn missing_columns_are_all_listed() {
        let one = message(RawTable::ChurnLabel, b"customer_id,left\nC1,1\n");
        assert!(one.starts_with("churn_label.csv, column churn, row 1: the column is missing"), "{one}");
        let two = message(RawTable::CostsByProvinceMonth, b"month,province,peaje_elec_eur_kwh\n2024-01,1,0.05\n");
        assert!(two.contains("the columns elec_var_cost_eur_kwh, gas_var_cost_eur_m3 are missing"), "{two}");
    }

    #[test]
    fn a_file_of_ids_and_one_of_attributes_name_customers_without_labels() {
        for content in ["customer_id\nC1\nC2\n", "contracted_power_kw,customer_id\n4.6,C1\n4.6,C2\n"] {
            let table = label(content).unwrap();
            assert_eq!(ids(&table), [Some("C1"), Some("C2")], "{content}");
            assert_eq!(table.column("churn").unwrap().null_count(), 2, "{content}");
        }
    }

    #[test]
    fn a_header_alone_is_an_empty_file() {
        assert!(message(RawTable::ChurnLabel, b"customer_id,churn\n").contains("the file has no rows"));
    }

    #[test]
    fn broken_quotes_are_named() {
        assert!(
            message(RawTable::ChurnLabel, b"customer_id,churn\n\"C1,1\nC2,0\n").contains("row 2: a quote is opened")
        );
        assert!(message(RawTable::ChurnLabel, b"customer_id,churn\n\"C1\"x,1\n").contains("row 2: text after"));
    }

    #[test]
    fn prices_without_a_customer_stay_in_the_table() {
        let header = RawTable::PriceHistory.columns().iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
        let content =
            format!("{header}\n,2024-01-01,0.1,0.1,0.1,9,8,,63.6,50\nC1,2024-02-01,0,0.1,0.1,9,8,0.7,63.6,-0.2\n");
        let table = read(RawTable::PriceHistory, content.as_bytes()).unwrap().frame;
        assert_eq!(table.height(), 2);
        assert_eq!(table.column("customer_id").unwrap().null_count(), 1);
        let dates: Vec<_> = table.column("pricing_date").unwrap().date().unwrap().physical().iter().collect();
        // 2024-01-01 is day 19,723 since 1970-01-01 (Python's datetime); January has 31 days
        assert_eq!(dates, [Some(19_723), Some(19_754)]);
    }
}
