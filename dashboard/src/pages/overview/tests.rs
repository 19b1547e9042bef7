//! The cards against the file, the changes against the run before, and what is shown where the server does not answer.

use axum::http::StatusCode;
use axum::http::header::CONTENT_DISPOSITION;
use lake::documents::{Publication, RunRecord, StoredAlert};
use lake::keys;
use polars::prelude::*;
use protocol::{Alert, AlertKind, Run};
use serde_json::json;

use crate::data::cells;
use crate::format::Format;
use crate::pages::model::tests::{evaluation, moved, register};
use crate::query::Query;
use crate::test_site::{CUSTOMERS, MODEL, RUN, TestSite, numbers, recommendations, scores};
use crate::words::{Language, Word};

/// The sum and the number of a column's cells that a filter lets through.
fn by_polars(frame: DataFrame, filter: Expr, column: &str) -> (f64, u64) {
    let passed = frame.lazy().filter(filter).collect().unwrap();
    let sum = cells::numbers(&passed, column).unwrap().into_iter().flatten().sum();
    (sum, passed.height() as u64)
}

fn tier(label: &str) -> Expr {
    col("risk_tier").eq(lit(label.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cards_are_sums_of_the_file_in_both_languages() {
    let site = TestSite::published().await;
    let critical = by_polars(scores(), tier("Critical (>80%)"), "expected_monthly_loss");
    let high = by_polars(scores(), tier("High (60-80%)"), "expected_monthly_loss");
    let all: f64 = numbers(&scores(), "expected_monthly_loss").into_iter().flatten().sum();
    let now = col("timing_window").eq(lit("immediate")).and(col("action").neq(lit("no_offer")));
    let due = by_polars(recommendations(), now, "max_offer_eur");
    for language in Language::ALL {
        let format = Format(language);
        let page = site.get(&format!("/?lang={}", language.lang())).await;
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        let share = (critical.1 + high.1) as f64 / scores().height() as f64;
        let shown = [
            format.count(critical.1),
            format.count(high.1),
            format.percent(share),
            format.eur(all),
            format.eur(critical.0 + high.0),
            format.count(due.1),
            language.fill(Word::OverviewBudget, &[("budget", &format.eur(due.0))]),
        ];
        for value in shown {
            assert!(text.contains(&value), "{value} is not on the page in {language:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_offers_due_now_lead_to_as_many_recommendations_and_the_link_is_no_download() {
    let site = TestSite::published().await;
    let now = col("timing_window").eq(lit("immediate")).and(col("action").neq(lit("no_offer")));
    let (_, due) = by_polars(recommendations(), now, "max_offer_eur");
    let query = Query::parse("/", Some("lang=en"));
    let file = site.get(&query.to("/recommendations/export.csv", &super::due::filter())).await;
    assert_eq!((file.status, file.headers["x-row-count"].to_str().unwrap()), (StatusCode::OK, &*due.to_string()));
    let href = query.to("/recommendations", &super::due::filter()).replace('&', "&#38;");
    let all = Language::En.fill(Word::OverviewAll, &[("count", &Format(Language::En).count(due))]);
    let page = site.get("/?lang=en").await.text();
    assert!(page.contains(&format!("<a href=\"{href}\">{all}</a>")), "{href}");
    assert_eq!(page.matches(&format!("href=\"{href}\"")).count(), 2, "the card and the table");
}

#[tokio::test]
async fn todays_calls_say_why_in_the_readers_language_and_link_to_no_id() {
    let site = TestSite::published().await;
    let english = site.get("/?lang=en").await.text();
    let spanish = site.get("/?lang=es").await.text();
    assert!(english.contains("Prices rose") && spanish.contains("Los precios subieron"));
    assert_eq!(english.matches("/customers/").count(), super::due::SHOWN);
    assert!(!english.contains("/customers/C0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_that_against_the_published_run_before() {
    let site = TestSite::published().await;
    let before = json!({ "Critical (>80%)": 5, "High (60-80%)": 100, "Medium (40-60%)": 0, "Low (<40%)": 0 });
    let page = site.get("/?lang=en").await.text();
    let since = |date: &str| Language::En.fill(Word::OverviewSince, &[("date", date)]);
    let format = Format(Language::En);
    let day_before = since(&format.day(chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap()));
    assert!(!page.contains(&day_before), "there is no run before");

    let site = TestSite::over(site);
    site.record_the_day_before(&before).await;
    let page = site.get("/?lang=en").await.text();
    let (_, critical) = by_polars(scores(), tier("Critical (>80%)"), "expected_monthly_loss");
    let (_, high) = by_polars(scores(), tier("High (60-80%)"), "expected_monthly_loss");
    assert!(page.contains(&format.signed(critical as f64 - 5.0, 0)), "critical");
    assert!(page.contains(&format.signed(high as f64 - 100.0, 0)), "high");
    assert!(page.contains(&day_before));
}

/// The card of a label.
fn card(page: &str, label: Word) -> &str {
    let label = format!("<div class=\"k\">{}</div>", Language::En.say(label));
    let (_, rest) = page.split_once(&label).unwrap_or_else(|| panic!("there is no {label}"));
    rest.split("<div class=\"card\">").next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_loss_at_risk_and_skill_are_held_against_the_run_before_which_is_named() {
    const LATER: usize = 10;
    let site = TestSite::published().await;
    register(&site.lake, MODEL, None, true).await;
    assert!(!site.get("/?lang=en").await.text().contains("class=\"caption\""), "there is no run before");
    let other = "0123456789abcdef";
    let mut theirs = evaluation(other, None);
    theirs.summary.metrics.pr_auc = 0.7403;
    site.lake.put_json(&keys::judged_evaluation(other), &theirs).await.unwrap();
    // Those whose risk is highest were no customers then.
    let (then, offered) = (scores().slice(LATER as i64, CUSTOMERS), recommendations().slice(LATER as i64, CUSTOMERS));
    let kept = site.record_other_results([("scores", then), ("recommendations", offered)], other).await;

    let site = TestSite::over(site);
    let (format, page) = (Format(Language::En), site.get("/?lang=en").await.text());
    let loss: f64 = numbers(&scores(), "expected_monthly_loss")[..LATER].iter().flatten().sum();
    for (label, class, change) in [
        (Word::OverviewDue, "same", format.signed(LATER as f64, 0)),
        (Word::OverviewLossAtRisk, "worse", format.eur_signed(loss)),
        (Word::OverviewPrAuc, "better", format.signed(0.011, 3)),
        (Word::OverviewRocAuc, "same", format.signed(0.0, 3)),
    ] {
        let shown = format!("<span class=\"{class}\">{change}</span>");
        assert!(card(&page, label).contains(&shown), "{shown} is not in {}", card(&page, label));
    }
    assert!(page.contains("<p class=\"caption\"><a href=\"/runs/the-day-before?lang=en\">"), "{page}");

    // What is gone is not known, and is no 0.
    for table in ["scores", "recommendations"] {
        site.lake.remove(&kept[table].key).await.unwrap();
    }
    let page = TestSite::over(site).get("/?lang=en").await.text();
    assert!(!page.contains(Language::En.say(Word::BannerTableTorn)), "what is gone is not torn: {page}");
    let unknown = Language::En.say(Word::OverviewChangeUnknown);
    for label in [Word::OverviewDue, Word::OverviewLossAtRisk, Word::RiskLossMonth, Word::OverviewCustomers] {
        assert!(card(&page, label).contains(&format!("<span class=\"same\" title=\"{unknown}\">")), "{label:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_torn_of_an_earlier_run_takes_no_page_down_and_is_named_by_pages_and_files() {
    let (site, other) = (TestSite::published().await, "0123456789abcdef");
    let tables = [("scores", scores().slice(1, CUSTOMERS)), ("recommendations", recommendations().slice(1, CUSTOMERS))];
    let kept = site.record_other_results(tables, other).await;
    let tables = ["scores", "recommendations"].map(|table| kept[table].key.clone());
    let torn: Vec<String> = tables.into_iter().chain([keys::judged_evaluation(other)]).collect();
    for key in &torn {
        site.lake.put(key, b"torn".to_vec()).await.unwrap();
    }
    let site = TestSite::over(site);
    for language in Language::ALL {
        let page = site.get(&format!("/?lang={}", language.lang())).await;
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        for word in [Word::BannerTableTorn, Word::BannerPartTorn] {
            assert!(text.contains(language.say(word)), "{word:?}: {text}");
        }
        for key in &torn {
            assert!(text.contains(key), "{key} is not named: {text}");
        }
    }
    let page = site.get("/?lang=en").await.text();
    let unknown = Language::En.say(Word::OverviewChangeUnknown);
    for label in [Word::RiskLossMonth, Word::OverviewLossAtRisk, Word::OverviewDue] {
        assert!(card(&page, label).contains(unknown), "{label:?}");
    }
    for path in ["/overview/runs.csv", "/overview/loss.svg"] {
        let file = site.get(path).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        assert!(file.headers[CONTENT_DISPOSITION].to_str().unwrap().contains("-not-all-read."), "{path}");
        let unread = file.headers["x-not-read"].to_str().unwrap();
        assert!(torn.iter().all(|key| unread.contains(key)), "{path}: {unread}");
    }
}

#[tokio::test]
async fn where_the_server_does_not_answer_the_runs_are_those_on_record_and_the_count_is_unknown() {
    let site = TestSite::published().await;
    let page = site.get("/?lang=en").await.text();
    assert!(page.contains(&format!("/runs/{RUN}")) && page.contains(Language::En.say(Word::OverviewPromoted)));
    assert!(page.contains(Language::En.say(Word::OverviewServerSilent)));
}

#[tokio::test]
async fn the_newest_alert_is_on_the_page_and_one_of_a_newer_kind_is_no_trouble() {
    let site = TestSite::published().await;
    let run = Run { workflow_id: "nightly".into(), run_id: RUN.into(), started: "2025-01-01T02:00:00.000Z".to_owned() };
    let subject = "prices <twice>".to_owned();
    let kind = AlertKind::QualityBlocked;
    let alert = Alert { run, kind, subject, body: String::new(), features: Vec::new(), details: Vec::new() };
    let at = Some("2025-01-01T02:00:10.000Z".to_owned());
    let stored = StoredAlert { alert, at, event_id: "r-1".to_owned(), message_id: None, acknowledged_by: None };
    site.lake.put_json(&keys::alert("r-1"), &stored).await.unwrap();
    let mut newer = serde_json::to_value(&stored).unwrap();
    newer["kind"] = json!("moon_fell");
    site.lake.put_json(&keys::alert("r-2"), &newer).await.unwrap();
    let page = site.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("prices &#60;twice&#62;") && !page.text().contains("<twice>"));
    let text = page.text();
    let (_, alerts) = text.split_once("id=\"alerts\"").unwrap();
    assert!(alerts.contains(&format!("href=\"/runs/{RUN}\"")), "to the run that it is about");
    assert!(alerts.contains("href=\"/operate/acknowledge?alert=r-1\""), "who sits at this machine is an operator");
    let file = site.get("/overview/alerts.csv").await.text();
    let line = format!("2025-01-01T02:00:10Z,quality_blocked,prices <twice>,nightly,{RUN},r-1,");
    assert_eq!(file, format!("at,kind,subject,workflow_id,run_id,event_id,known_to\n{line}\n"));
}

#[tokio::test]
async fn an_alert_of_what_has_no_page_leads_nowhere() {
    let site = TestSite::published().await;
    let run = Run { workflow_id: "watch".into(), run_id: "w-1".into(), started: "2025-01-01T02:00:00.000Z".to_owned() };
    let (kind, subject) = (AlertKind::ScoresStale, "the scores of the day are not there".to_owned());
    let alert = Alert { run, kind, subject, body: String::new(), features: Vec::new(), details: Vec::new() };
    let stored = StoredAlert { alert, at: None, event_id: "w-1".to_owned(), message_id: None, acknowledged_by: None };
    site.lake.put_json(&keys::alert("w-1"), &stored).await.unwrap();
    let page = site.get("/").await.text();
    assert!(page.contains("/operate/acknowledge?alert=w-1") && !page.contains("/runs/w-1"), "{page}");
}

#[tokio::test]
async fn a_pinned_overview_shows_the_model_and_the_outcome_of_its_run_and_says_what_is_of_now() {
    let site = TestSite::published().await;
    let mut pointer: Publication = site.lake.read_json(keys::PUBLISHED).await.unwrap();
    pointer.run_id = "another".into();
    site.lake.put_json(keys::PUBLISHED, &pointer).await.unwrap();
    let champion = moved("0123456789abcdef", "2025-01-01T03:00:00Z");
    site.lake.put_json(keys::CHAMPION, &champion).await.unwrap();
    let mut record = RunRecord::find(&site.lake, RUN).await.unwrap().unwrap();
    record.run.run_id = "newest".into();
    record.run.started = "2025-01-01T03:30:00.000Z".to_owned();
    record.store(&site.lake).await.unwrap();
    let site = TestSite::over(site);
    let (say, of_now) = (
        |word| Language::En.say(word),
        |word| Language::En.fill(Word::OverviewOfNow, &[("what", Language::En.say(word))]),
    );
    let current = site.get("/?lang=en").await.text();
    assert!(current.contains(">01234567<") && !current.contains(say(Word::OverviewScoredBy)), "{current}");
    assert!(!current.contains(&of_now(Word::OverviewRuns)));
    let pinned = site.get(&format!("/?run={RUN}&lang=en")).await.text();
    assert!(pinned.contains(say(Word::OverviewScoredBy)) && !pinned.contains("01234567"), "{pinned}");
    assert!(!pinned.contains(say(Word::OverviewLastRunHelp)) && pinned.contains(say(Word::OverviewThisRunHelp)));
    assert!(pinned.contains(&of_now(Word::OverviewRuns)) && pinned.contains(&of_now(Word::OverviewAlerts)));
}

#[tokio::test]
async fn every_card_says_what_it_is_and_leads_on_also_without_a_champion() {
    let page = TestSite::published().await.get("/?lang=en").await.text();
    let cards: Vec<&str> = page.split("<div class=\"card\">").skip(1).collect();
    assert_eq!(cards.len(), 13);
    for card in cards {
        let (head, rest) = card.split_once("<div class=\"v\"").unwrap();
        let value = rest.split("</div>").next().unwrap();
        assert!(head.contains("<details class=\"help\">") && value.contains("<a href=\""), "{card}");
    }
}

#[tokio::test]
async fn its_pictures_and_calls_are_files() {
    let site = TestSite::published().await;
    for picture in ["tiers", "losses", "quality", "at-risk", "loss"] {
        let file = site.get(&format!("/overview/{picture}.svg")).await;
        assert!(file.status == StatusCode::OK && file.text().starts_with("<svg"), "{picture}");
    }
    let calls = site.get("/overview/export.csv").await;
    assert_eq!((calls.status, calls.headers["x-row-count"].to_str().unwrap()), (StatusCode::OK, "10"));
    let runs = site.get("/overview/runs.csv").await.text();
    let line = runs.lines().nth(1).unwrap();
    assert!(line.starts_with(&format!("{RUN},nightly,train,2024-12-31,completed,promoted,")), "{runs}");
    assert_eq!(site.get("/overview/nothing.csv").await.status, StatusCode::NOT_FOUND);
}
