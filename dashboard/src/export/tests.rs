//! A download has the rows that were asked for, its name and its number of rows, and tells what is taken.

use axum::body::to_bytes;
use polars::df;
use polars::prelude::{ParquetReader, SerReader};

use super::*;

fn frame() -> DataFrame {
    df!("customer_id" => ["c1", "c2"], "expected_monthly_loss" => [12.5, 0.25]).unwrap()
}

fn download() -> Download<'static> {
    let as_of = NaiveDate::from_ymd_opt(2024, 12, 31).unwrap();
    let (model, run) = ("4f90bd8cc09437d0", "01a214f3-f7d3-7616-b0a6-de8413cca5cb");
    Download { page: "risk", as_of, model, run, filter: "tier=High".to_owned() }
}

async fn taken(kind: Kind) -> (Response<()>, Vec<u8>) {
    let response = rows(&frame(), kind, Language::Es, &download()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    (axum::http::Response::from_parts(parts, ()), bytes)
}

#[tokio::test]
async fn every_form_has_its_name_and_its_number_of_rows() {
    for kind in Kind::ALL {
        let (head, bytes) = taken(kind).await;
        let name =
            format!("attachment; filename=\"spanishgas-risk-2024-12-31-4f90bd8c-run-13cca5cb.{}\"", kind.extension());
        assert_eq!(head.headers()[CONTENT_DISPOSITION], name.as_str());
        assert_eq!(head.headers()[ROW_COUNT], "2");
        let file = format!("spanishgas-risk-2024-12-31-4f90bd8c-run-13cca5cb.{}", kind.extension());
        let taken = Taken { file, rows: 2, filter: "tier=High".to_owned() };
        assert_eq!(head.extensions().get::<Taken>(), Some(&taken));
        assert!(!bytes.is_empty());
    }
}

#[tokio::test]
async fn parquet_comes_back_as_the_same_table() {
    let (_, bytes) = taken(Kind::Parquet).await;
    let read = ParquetReader::new(std::io::Cursor::new(bytes)).finish().unwrap();
    assert!(read.equals(&frame()));
}

#[tokio::test]
async fn a_spanish_excel_opens_it() {
    let (_, bytes) = taken(Kind::ExcelCsv).await;
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text, "\u{feff}customer_id;expected_monthly_loss\r\nc1;12,5\r\nc2;0,25\r\n");
}
