//! `silver_customer`: `bronze_customer` with the segment, the type of residence and the cleaned sales channel.

use polars::prelude::*;

use crate::columns::{integers, measures, sorted_by_key, texts, with};
use crate::error::Result;

/// The contracted power in kW that an SME has; industrial customers above it are corporate.
const SME_POWER_KW: f64 = 10.0;

/// One row per customer, sorted by `customer_id`: every column of `bronze_customer`, with
/// `sales_channel` cleaned in place, plus `segment` and `residential_type`.
///
/// A repeated customer is an error.
pub fn silver_customer(bronze_customer: &DataFrame) -> Result<DataFrame> {
    let customers = sorted_by_key("bronze_customer", bronze_customer, ["customer_id"])?;
    let channels: Vec<_> = texts(&customers, "sales_channel")?.into_iter().map(sales_channel).collect();
    let is_industrial = integers(&customers, "is_industrial")?;
    let contracted_power_kw = measures(&customers, "contracted_power_kw")?;
    let segments: Vec<_> = is_industrial.iter().zip(contracted_power_kw).map(|(&i, power)| segment(i, power)).collect();
    let is_second_residence = integers(&customers, "is_second_residence")?;
    let residences: Vec<_> = segments.iter().zip(is_second_residence).map(|(&s, r)| residential_type(s, r)).collect();
    with(
        &customers,
        vec![
            Column::new("sales_channel".into(), channels),
            Column::new("segment".into(), segments),
            Column::new("residential_type".into(), residences),
        ],
    )
}

fn segment(is_industrial: Option<i32>, contracted_power_kw: Option<f64>) -> Option<&'static str> {
    match (is_industrial?, contracted_power_kw) {
        (0, _) => Some("Residential"),
        (1, Some(power)) if power == SME_POWER_KW => Some("SME"),
        (1, Some(power)) if power > SME_POWER_KW => Some("Corporate"),
        _ => None,
    }
}

fn residential_type(segment: Option<&str>, is_second_residence: Option<i32>) -> Option<&'static str> {
    match (segment?, is_second_residence?) {
        ("Residential", 1) => Some("Second_Residence"),
        ("Residential", 0) => Some("Primary_Residence"),
        _ => None,
    }
}

/// The business's English name of a channel; one that it has no name for stays as cleaned.
fn sales_channel(raw: Option<&str>) -> String {
    let Some(raw) = raw else { return "Unknown".to_owned() };
    let cleaned = raw.trim().to_lowercase();
    known_channel(&cleaned).map_or(cleaned, str::to_owned)
}

/// Whether a channel as delivered is one that the business has a name for.
pub(crate) fn is_known_channel(raw: &str) -> bool {
    known_channel(&raw.trim().to_lowercase()).is_some()
}

fn known_channel(cleaned: &str) -> Option<&'static str> {
    let known = match cleaned {
        "presencial_comercial" => "In-Person Commercial",
        "comparador" => "Comparison Website",
        "oficina" => "Office",
        "telemarketing" => "Telemarketing",
        "web_propia" => "Own Website",
        "desconocido" | "unknown" => "Unknown",
        _ => return None,
    };
    Some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn industrial_customers_of_exactly_ten_kilowatt_are_sme_above_corporate_below_unknown() {
        assert_eq!(segment(Some(0), Some(4.6)), Some("Residential"));
        assert_eq!(segment(Some(0), None), Some("Residential"));
        assert_eq!(segment(Some(1), Some(10.0)), Some("SME"));
        assert_eq!(segment(Some(1), Some(10.1)), Some("Corporate"));
        assert_eq!(segment(Some(1), Some(9.9)), None);
        assert_eq!(segment(Some(1), None), None);
        assert_eq!(segment(None, Some(10.0)), None);
    }

    #[test]
    fn only_residential_customers_have_a_residence() {
        assert_eq!(residential_type(Some("Residential"), Some(1)), Some("Second_Residence"));
        assert_eq!(residential_type(Some("Residential"), Some(0)), Some("Primary_Residence"));
        assert_eq!(residential_type(Some("Residential"), None), None);
        assert_eq!(residential_type(Some("SME"), Some(1)), None);
        assert_eq!(residential_type(None, Some(1)), None);
    }

    #[test]
    fn channels_are_trimmed_lower_cased_and_named() {
        assert_eq!(sales_channel(Some("  Presencial_COMERCIAL\t")), "In-Person Commercial");
        assert_eq!(sales_channel(Some("comparador")), "Comparison Website");
        assert_eq!(sales_channel(Some("oficina")), "Office");
        assert_eq!(sales_channel(Some("telemarketing")), "Telemarketing");
        assert_eq!(sales_channel(Some("web_propia")), "Own Website");
        assert_eq!(sales_channel(Some("Desconocido")), "Unknown");
        assert_eq!(sales_channel(Some("UNKNOWN")), "Unknown");
        assert_eq!(sales_channel(None), "Unknown");
        assert_eq!(sales_channel(Some(" Feria ")), "feria");
    }

    #[test]
    fn a_repeated_customer_is_an_error() {
        let twice = df!("customer_id" => ["C1", "C1"]).unwrap();
        assert!(silver_customer(&twice).unwrap_err().to_string().contains("rows 1 and 2"));
    }

    #[test]
    fn the_columns_of_bronze_stay_and_rows_are_sorted() {
        let bronze = df!(
            "customer_id" => ["C2", "C1"],
            "churn" => [1, 0],
            "contracted_power_kw" => [10.0, 3.45],
            "is_industrial" => [1, 0],
            "is_second_residence" => [0, 0],
            "sales_channel" => [None, Some("web_propia")],
        )
        .unwrap();
        let silver = silver_customer(&bronze).unwrap();
        assert_eq!(texts(&silver, "customer_id").unwrap(), [Some("C1"), Some("C2")]);
        assert_eq!(texts(&silver, "sales_channel").unwrap(), [Some("Own Website"), Some("Unknown")]);
        assert_eq!(texts(&silver, "segment").unwrap(), [Some("Residential"), Some("SME")]);
        assert_eq!(texts(&silver, "residential_type").unwrap(), [Some("Primary_Residence"), None]);
        assert_eq!(integers(&silver, "churn").unwrap(), [Some(0), Some(1)]);
    }
}
