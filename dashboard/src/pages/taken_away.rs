//! Every table of every page can be taken away, and so can every picture and its numbers: the files stand beside them,
//! and each of them comes.

use axum::http::StatusCode;

use super::looks;
use crate::export::Kind;
use crate::test_site::RUN;

/// Tables that are shown whole: their files have as many rows.
const WHOLE: [&str; 13] = [
    "alerts", "checks", "columns", "inputs", "outputs", "peer", "policy", "quality", "runs", "settings", "stages",
    "today", "unseen",
];
/// Without a server nobody knows what is in it.
const UNKNOWN: &str = "schedules";

/// A table of a page.
struct Table {
    id: String,
    rows: usize,
    /// The addresses of its files.
    files: Vec<String>,
}

fn tables(page: &str) -> Vec<Table> {
    let sections = page.split("<section class=\"table\" id=\"").skip(1);
    sections.map(|section| table(section.split("</section>").next().unwrap())).collect()
}

fn table(section: &str) -> Table {
    let (id, rest) = section.split_once('"').unwrap();
    Table { id: id.to_owned(), rows: rest.matches("scope=\"row\"").count(), files: files(rest) }
}

/// The addresses of the files beside a table or a picture.
fn files(section: &str) -> Vec<String> {
    let tools = section.split_once("<p class=\"tools\">").and_then(|(_, rest)| rest.split_once("</p>"));
    let links = tools.map_or("", |(tools, _)| tools).split("href=\"").skip(1);
    let links = links.map(|link| link.split('"').next().unwrap().replace("&#38;", "&"));
    let ends = ["csv", "parquet", "svg"];
    let is_file = |href: &String| ends.contains(&href.split('?').next().unwrap().rsplit('.').next().unwrap());
    links.filter(is_file).collect()
}

/// The address of a customer's page, as another page has it.
fn customer(page: &str) -> String {
    let (_, rest) = page.split_once("href=\"/customers/").unwrap();
    format!("/customers/{}", rest.split('"').next().unwrap().replace("&#38;", "&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_picture_of_every_page_has_its_numbers_and_itself_as_files() {
    let site = looks::site().await;
    let customer = customer(&site.get("/?lang=en").await.text());
    let run = format!("/runs/{RUN}");
    let explorer = "/explorer?table=scores&col=tenure_months";
    for page in ["/", "/risk", explorer, "/model", "/recommendations", &run, &customer] {
        let text = site.get(page).await.text();
        let pictures: Vec<&str> = text.split("<section class=\"figure").skip(1).collect();
        assert!(!pictures.is_empty(), "{page}");
        for picture in pictures {
            let files = files(picture.split("</section>").next().unwrap());
            assert_eq!(files.len(), 4, "{picture}");
            for href in files {
                let file = site.get(&href).await;
                assert_eq!(file.status, StatusCode::OK, "{href}");
                let rows = file.headers.get("x-row-count").map(|rows| rows.to_str().unwrap().to_owned());
                assert_ne!(rows.as_deref(), Some("0"), "{href} has no numbers");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_of_every_page_has_its_files() {
    let site = looks::site().await;
    let customer = customer(&site.get("/?lang=en").await.text());
    let run = format!("/runs/{RUN}");
    let pages = ["/", "/risk", "/explorer", "/model", "/recommendations", "/runs", &run, &customer];
    let mut seen = Vec::new();
    for page in pages {
        for table in tables(&site.get(page).await.text()) {
            let known = if table.id == UNKNOWN { 0 } else { Kind::ALL.len() };
            assert_eq!(table.files.len(), known, "{} on {page}", table.id);
            for href in &table.files {
                let file = site.get(href).await;
                assert_eq!(file.status, StatusCode::OK, "{href}");
                let rows: usize = file.headers["x-row-count"].to_str().unwrap().parse().unwrap();
                assert!(rows == table.rows || !WHOLE.contains(&&*table.id), "{href}: {rows}, not {}", table.rows);
            }
            seen.push(table.id);
        }
    }
    for id in WHOLE.into_iter().chain([UNKNOWN]) {
        assert!(seen.iter().any(|seen| seen == id), "{id} is on none of the pages");
    }
}
