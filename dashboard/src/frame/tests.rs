//! The frame and its parts in both languages; pages are tested where they are.

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use churn::model::RiskTier;

use super::*;
use crate::format::{Format, Shown};
use crate::query::Direction;

/// The smallest page.
#[derive(Template)]
#[template(source = "{% extends \"base.html\" %}{% block content %}<p>{{ text }}</p>{% endblock %}", ext = "html")]
struct Page {
    frame: Frame,
    text: &'static str,
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn frame(language: Language, here: &str, pin: Option<&str>) -> Frame {
    let as_of = NaiveDate::from_ymd_opt(2024, 12, 31).unwrap();
    let times = (as_of, at("2025-01-01T08:30:00Z"));
    let (run, model) = ("01940c3e-0000-7000-8000-0000e639a96f", "4f90bd8cc0ffee00");
    let published = Some(at("2025-01-01T06:00:00Z"));
    let provenance = Provenance::new(language, times, run, model, published, Standing::Current);
    Frame {
        language,
        theme: Theme::Auto,
        page: Some(PageId::Risk),
        title: language.say(Word::NavRisk).to_owned(),
        here: here.to_owned(),
        pin: pin.map(str::to_owned),
        provenance: Some(provenance),
        banners: Vec::new(),
        person: None,
        refresh_secs: None,
        version: "0.5.0".to_owned(),
        data: Some("b33d54247d32".to_owned()),
    }
}

fn shown(frame: Frame) -> String {
    Page { frame, text: "<here>" }.render().unwrap()
}

#[test]
fn a_page_says_where_its_numbers_come_from() {
    let page = shown(frame(Language::En, "/risk", None)).replace('\u{a0}', " ");
    assert!(page.contains("Scores of <b>31 Dec 2024</b>"), "{page}");
    assert!(page.contains("<a href=\"/model?version=4f90bd8cc0ffee00\">4f90bd8c</a>"), "{page}");
    assert!(page.contains(">…e639a96f</a>"), "{page}");
    assert!(page.contains("title=\"1 Jan 2025, 07:00\">2 h ago</b>"), "{page}");
    let page = shown(frame(Language::Es, "/risk", None));
    assert!(page.contains("lang=\"es\"") && page.contains("hace 2\u{a0}h"), "{page}");
}

#[test]
fn texts_of_data_are_escaped_and_the_page_is_marked() {
    let page = shown(frame(Language::En, "/risk", None));
    assert!(page.contains("<p>&#60;here&#62;</p>"), "{page}");
    assert_eq!(page.matches("aria-current=\"page\"").count(), 2, "side and menu");
    assert!(!page.contains("style=") && !page.contains("onclick"), "{page}");
}

#[test]
fn a_pinned_run_goes_along_to_every_page_and_says_so() {
    let pinned = frame(Language::En, "/risk?run=r1&tier=high", Some("r1"));
    assert!(pinned.nav().iter().all(|item| item.href.ends_with("?run=r1")), "{:?}", pinned.nav());
    assert_eq!(pinned.unpinned(), Some("/risk"));
    assert!(shown(pinned).contains("not at the current results"));
    assert_eq!(frame(Language::En, "/risk?tier=high", None).unpinned(), None);
}

#[test]
fn the_other_language_shows_the_same_view() {
    assert_eq!(frame(Language::En, "/risk?tier=high", None).other_language().href, "/risk?tier=high&lang=es");
    assert_eq!(frame(Language::Es, "/risk", None).other_language().text, "English");
}

#[test]
fn the_worst_banner_comes_first() {
    let mut frame = frame(Language::En, "/risk", None);
    let levels = [BannerLevel::Info, BannerLevel::Fail, BannerLevel::Warn];
    frame.banners = levels.map(|level| Banner::new(level, level.class())).into();
    let order: Vec<_> = frame.worst_first().iter().map(|banner| banner.text.as_str()).collect();
    assert_eq!(order, ["fail", "warn", "info"]);
}

#[test]
fn every_page_has_a_letter_and_a_path_of_its_own() {
    let letters: std::collections::BTreeSet<_> = PageId::ALL.map(PageId::letter).into();
    let paths: std::collections::BTreeSet<_> = PageId::ALL.map(PageId::path).into();
    assert_eq!((letters.len(), paths.len()), (8, 8));
}

#[test]
fn a_pager_says_where_it_stands() {
    let href = |page: u64, per: u64| format!("?page={page}&per={per}");
    let middle = Pager::new(Format(Language::En), Position { page: 2, per: 50, total: 1516 }, href);
    assert_eq!(middle.range, "51–100 of 1,516");
    assert_eq!((middle.previous.as_deref(), middle.next.as_deref()), (Some("?page=1&per=50"), Some("?page=3&per=50")));
    let past_the_end = Pager::new(Format(Language::Es), Position { page: 99, per: 50, total: 1516 }, href);
    assert_eq!((past_the_end.range.as_str(), past_the_end.next), ("1501-1516 de 1516", None));
    let none = Pager::new(Format(Language::En), Position { page: 1, per: 50, total: 0 }, href);
    assert_eq!((none.range.as_str(), none.previous, none.next), ("0–0 of 0", None, None));
}

#[test]
fn a_table_names_its_order_and_its_rows() {
    let columns = vec![
        Column::text("Customer"),
        Column::number("Loss").sorted("?sort=loss", Some(Direction::Descending)),
        Column::text("Tier"),
    ];
    let row = vec![
        Cell::link("C1<", "/customers/abc"),
        Cell::number(Shown::new("n/a").because("margin unknown")),
        Cell::mark(Mark::tier(RiskTier::Critical, Language::Es)),
    ];
    let table = TablePart::new(Language::Es, "risk", "Clientes", columns).rows([Row::from(row)]).render().unwrap();
    assert!(table.contains("aria-sort=\"descending\""), "{table}");
    assert!(table.contains("<th scope=\"row\" class=\"short\"><a href=\"/customers/abc\">C1&#60;</a></th>"), "{table}");
    assert!(table.contains("<td class=\"n\"><span title=\"margin unknown\">n/a</span></td>"), "{table}");
    assert!(table.contains("<span class=\"glyph\" aria-hidden=\"true\">●</span> Crítico"), "{table}");
}

#[test]
fn an_empty_table_says_so_over_its_whole_width() {
    let columns = vec![Column::text("a"), Column::text("b")];
    let table = TablePart::new(Language::En, "t", "T", columns).render().unwrap();
    assert!(table.contains("colspan=\"2\"") && table.contains("Nothing matches"), "{table}");
}

#[test]
fn a_list_shows_its_first_text_and_counts_the_others() {
    let row = Row::from(vec![Cell::text("x"), Cell::list(["a", "b", "c"].map(str::to_owned))]);
    let columns = vec![Column::text("x"), Column::text("Why")];
    let table = TablePart::new(Language::En, "t", "T", columns).rows([row]).render().unwrap();
    assert!(table.contains("<summary>2 more</summary><ul><li>b</li><li>c</li></ul>"), "{table}");
}

#[test]
fn a_card_says_what_its_number_is() {
    let delta = Delta { text: "+31".into(), sense: Sense::Worse, since: "since yesterday".to_owned() };
    let card = Card::new("Critical", "699").href("/risk?tier=critical").help("80% or more").delta(Some(delta));
    let cards = Cards { language: Language::En, cards: vec![card] }.render().unwrap();
    assert!(cards.contains("aria-label=\"What is “Critical”?\""), "{cards}");
    assert!(cards.contains("<a href=\"/risk?tier=critical\">699</a>"), "{cards}");
    assert!(cards.contains("<span class=\"worse\">+31</span> since yesterday"), "{cards}");
}
