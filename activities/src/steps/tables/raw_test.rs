//! The raw stage with readings that hold an instant, whose date depends on the clock of the settings.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;
use churn::{Unwatched, table_file};
use lake::documents::LastDate;
use polars::prelude::df;
use protocol::Run;
use protocol::pipeline::{Mode, PipelineInput, RAW_FOLDER};
use protocol::steps::{AskedDate, Expected, RawSnapshot, SnapshotRaw};

use super::raw::{identify_raw, snapshot_raw};
use crate::Heartbeat;
use crate::steps::Environment;

/// Half past midnight in Madrid, half past eleven on the Canary Islands.
const INSTANT: &str = "2024-12-31T23:30:00Z";
const CSV: &str = "consumption_hourly.csv";
const PARQUET: &str = "consumption_hourly.parquet";

/// The small files of one customer.
const SMALL: [(&str, &str); 6] = [
    ("churn_label.csv", "customer_id,churn\nC00001,0\n"),
    (
        "customer_attributes.csv",
        "customer_id,contracted_power_kw,is_industrial,is_second_residence,province_code,region,\
         is_high_competition_province,is_urban\n\
         C00001,4.6,0,0,28,Madrid,1,1\n",
    ),
    (
        "customer_contracts.csv",
        "customer_id,sales_channel,customer_first_activation_date,contract_start_date,last_product_change_date,\
         next_renewal_date\n\
         C00001,Office,2020-03-02,2020-03-02,2021-05-04,2025-03-02\n",
    ),
    (
        "price_history.csv",
        "customer_id,pricing_date,variable_price_tier1_eur_kwh,variable_price_tier2_eur_kwh,\
         variable_price_tier3_eur_kwh,elec_fixed_fee_eur_month,elec_fixed_cost_eur_month,gas_variable_price_eur_m3,\
         gas_fixed_revenue_eur_year,gas_fixed_cost_eur_year\n\
         C00001,2024-12-01,0.2,0.16,0.12,14.5,11.5,0.9,90.5,80.5\n",
    ),
    (
        "costs_by_province_month.csv",
        "month,province,elec_var_cost_eur_kwh,gas_var_cost_eur_m3,peaje_elec_eur_kwh\n2024-12,28,0.1,0.5,0.02\n",
    ),
    (
        "customer_interactions.json",
        r#"[{"customer_id":"C00001","date":"2024-11-05","channel":"Phone","interaction_summary":"The customer asked about the last bill."}]"#,
    ),
];

fn deliver(root: &Path, readings: &str) {
    let raw = root.join(RAW_FOLDER);
    fs::create_dir_all(&raw).unwrap();
    for (name, text) in SMALL {
        fs::write(raw.join(name), text).unwrap();
    }
    let path = raw.join(readings);
    if readings == CSV {
        let header = "customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3";
        fs::write(path, format!("{header}\nC00001,{INSTANT},1.5,0\n")).unwrap();
        return;
    }
    let mut frame = df!(
        "customer_id" => ["C00001"],
        "timestamp" => [INSTANT],
        "consumption_elec_kwh" => [1.5_f64],
        "consumption_gas_m3" => [0.0_f64],
    )
    .unwrap();
    table_file::write(&mut frame, &path).unwrap();
}

/// The raw stage of a worker whose settings have this zone.
async fn snapshot(environment: &mut Environment, zone: Tz) -> RawSnapshot {
    Arc::get_mut(&mut environment.configuration).unwrap().pipeline.time_zone = zone;
    let run = Run { workflow_id: "w".into(), run_id: "r".into(), started: "2025-01-01T00:00:00Z".to_owned() };
    let request = SnapshotRaw {
        run,
        raw_prefix: RAW_FOLDER.to_owned(),
        experiment: None,
        date: AskedDate::default(),
        expected: Expected::default(),
        scores: false,
        rehash: false,
    };
    Box::pin(snapshot_raw(environment, &Heartbeat::unheard(), request)).await.unwrap()
}

/// What whoever starts a run finds noted for a clock.
async fn noted(environment: &Environment, zone: Tz) -> Option<String> {
    let (lake, scratch) = (&environment.lake, environment.scratch().unwrap());
    let files = identify_raw(lake, &PipelineInput::new(Mode::Train), scratch.path(), &Unwatched).await.unwrap();
    let note = LastDate::find(lake, &files.readings, zone.name()).await.unwrap();
    note.map(|note| note.last_date.to_string())
}

#[tokio::test]
async fn the_last_date_is_that_of_the_clock_of_the_settings_and_is_noted_for_it_alone() {
    let (canary, madrid) = (Tz::Atlantic__Canary, Tz::Europe__Madrid);
    for readings in [CSV, PARQUET] {
        let root = tempfile::tempdir().unwrap();
        deliver(root.path(), readings);
        let mut environment = Environment::for_tests(root.path());
        let found = snapshot(&mut environment, canary).await;
        assert_eq!(found.last_date.to_string(), "2024-12-31", "{readings}");
        assert_eq!(noted(&environment, canary).await.as_deref(), Some("2024-12-31"), "{readings}");
        assert_eq!(noted(&environment, madrid).await, None, "{readings}");
        let found = snapshot(&mut environment, madrid).await;
        assert_eq!(found.last_date.to_string(), "2025-01-01", "{readings}");
        assert_eq!(noted(&environment, madrid).await.as_deref(), Some("2025-01-01"), "{readings}");
        assert_eq!(noted(&environment, canary).await.as_deref(), Some("2024-12-31"), "{readings}");
    }
}

#[tokio::test]
async fn nothing_is_delivered_to_the_folders_of_the_pipeline_itself() {
    let root = tempfile::tempdir().unwrap();
    deliver(root.path(), PARQUET);
    fs::rename(root.path().join(RAW_FOLDER), root.path().join("training")).unwrap();
    let environment = Environment::for_tests(root.path());
    let input = PipelineInput { raw_prefix: Some("training".to_owned()), ..PipelineInput::new(Mode::Train) };
    let scratch = environment.scratch().unwrap();
    let refused = identify_raw(&environment.lake, &input, scratch.path(), &Unwatched).await.unwrap_err().to_string();
    assert!(refused.contains("raw_prefix training/: the pipeline keeps its own tables there"), "{refused}");
}
