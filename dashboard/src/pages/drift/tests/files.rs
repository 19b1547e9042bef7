//! What can be taken away: the filtered columns, the reports as they lie in the lake, the pictures.

use axum::http::StatusCode;

use super::{report, site};
use crate::logged::Lines;

#[tokio::test]
async fn columns_are_filtered_sorted_and_taken_away() {
    let site = site().await;
    let all = site.get("/drift/export.csv").await.text();
    assert_eq!(all.lines().count(), report().columns.len() + 1);
    assert!(all.lines().nth(1).unwrap().starts_with("tenure_months,compared,"), "what matters comes first: {all}");
    let lost = site.get("/drift/export.csv?state=lost&sort=column").await.text();
    let names: Vec<_> = lost.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(names, ["empty", "gone"]);
    let by_name = site.get("/drift/export.csv?sort=-column").await.text();
    assert!(by_name.lines().nth(1).unwrap().starts_with("tenure_months,"), "{by_name}");
    let page = site.get("/drift?lang=en&state=new").await.text();
    assert!(page.contains("col=fresh") && page.contains("1–1 of 1"));
    let skipped = site.get("/drift/skipped.csv").await.text();
    assert_eq!(skipped.lines().count(), 2);
    assert_eq!(site.get("/drift/moon.csv").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_reports_are_files_as_they_lie_in_the_lake() {
    let site = site().await;
    let page = site.get("/drift?lang=en").await.text();
    for (name, kind) in
        [("report.html", "text/html"), ("report.json", "application/json"), ("promises.json", "application/json")]
    {
        assert!(page.contains(&format!("/drift/{name}")), "{name}");
        let file = site.get(&format!("/drift/{name}")).await;
        assert_eq!(file.status, StatusCode::OK, "{name}");
        assert!(file.headers["content-type"].to_str().unwrap().starts_with(kind), "{name}");
        assert!(file.headers["content-disposition"].to_str().unwrap().starts_with("attachment"), "{name}");
    }
    assert_eq!(site.get("/drift/report.html").await.text(), "<!doctype html>");
}

#[tokio::test]
async fn files_of_two_columns_have_two_names_and_the_log_says_which_column() {
    let site = site().await;
    let lines = Lines::default();
    let _logged = tracing::subscriber::set_default(lines.clone());
    // What tests beside this one asked first is taken for silent until it is looked at anew.
    site.get("/drift/tiers.svg").await;
    tracing::callsite::rebuild_interest_cache();
    for file in ["distribution.csv", "distribution.svg", "spread.excel.csv", "quantiles.csv"] {
        for column in ["tenure_months", "margin"] {
            let before = lines.text().len();
            let answer = site.get(&format!("/drift/{file}?col={column}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{file} of {column}");
            let (id, _) = file.split_once('.').unwrap();
            let name = answer.headers["content-disposition"].to_str().unwrap();
            assert!(name.contains(&format!("spanishgas-drift-{column}-{id}-2024-12-31-")), "{name}");
            let logged = lines.text()[before..].to_owned();
            assert!(logged.contains(&format!("col={column}")), "{file}: {logged}");
        }
    }
    let all = site.get("/drift/export.csv?col=margin").await;
    assert!(!all.headers["content-disposition"].to_str().unwrap().contains("margin"), "it is of all columns");
}

#[tokio::test]
async fn its_pictures_are_files() {
    let site = site().await;
    let pictures = [
        "promises",
        "spread",
        "distribution",
        "prediction-spread",
        "prediction-distribution",
        "tiers",
        "levels",
        "trend",
        "by-column",
    ];
    for picture in pictures {
        let file = site.get(&format!("/drift/{picture}.svg")).await;
        assert!(file.status == StatusCode::OK && file.text().starts_with("<svg"), "{picture}");
    }
    assert_eq!(site.get("/drift/moon.svg").await.status, StatusCode::NOT_FOUND);
}
