//! An act is done once somebody has read what follows, under the name that they are signed in with, and only by a form of
//! ours.

use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{Request, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use lake::{FolderLake, Lake};
use tempfile::TempDir;
use tower::ServiceExt;

use super::*;
use crate::access::{AccessSettings, Clock};
use crate::data::Store;
use crate::server::{Facts, Parts, router};
use crate::temporal::Temporal;
use crate::words::Language;

/// Pages over an empty lake, with somebody who notes orders.
struct Desk {
    router: Router,
    orders: Arc<Mutex<Vec<Order>>>,
    _folder: TempDir,
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

impl Desk {
    /// Orders are answered so.
    fn answering(answer: Result<&'static str, &'static str>) -> Self {
        let told = |answer: &str| Effect::Told { id: "nightly".to_owned(), answer: answer.to_owned() };
        Self::where_comes(answer.map(told))
    }

    fn where_comes(answer: Result<Effect, &'static str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scratch = folder.path().join("scratch");
        std::fs::create_dir_all(&scratch).unwrap();
        let lake = Lake::Folder(FolderLake::open(&folder.path().join("lake")).unwrap());
        let orders = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&orders);
        let carry_out: CarryOut = Arc::new(move |order| {
            noted.lock().unwrap().push(order);
            let answer = answer.clone().map_err(str::to_owned);
            Box::pin(async move { answer })
        });
        let clock: Clock = Arc::new(now);
        let settings = AccessSettings::loopback("127.0.0.1:8080".parse().unwrap(), "ana");
        let site = Site::new(Parts {
            store: Store::new(lake, scratch),
            temporal: Temporal::absent("connection refused"),
            access: settings.open(Arc::clone(&clock)).unwrap(),
            carry_out,
            clock,
            facts: Facts::default(),
        });
        Self { router: router(&site), orders, _folder: folder }
    }

    async fn get(&self, path: &str) -> (StatusCode, String) {
        self.asked(Request::get(path).header(HOST, "localhost").body(Body::empty()).unwrap()).await
    }

    /// Sends the form of the page, as the page's reader filled it in.
    async fn post(&self, act: &str, form: &str) -> (StatusCode, String) {
        let (_, page) = self.get(&format!("/operate/{act}?workflow=nightly")).await;
        let token = page.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0;
        let request = Request::post(format!("/operate/{act}"))
            .header(HOST, "localhost")
            .header("sec-fetch-site", "same-origin")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("csrf={token}&{form}")))
            .unwrap();
        self.asked(request).await
    }

    async fn asked(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    fn orders(&self) -> Vec<Order> {
        self.orders.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn before_an_act_a_page_says_what_follows_and_under_which_name() {
    let desk = Desk::answering(Ok("done"));
    for act in Act::ALL {
        let key = act.subject().key().unwrap_or("nothing");
        let (status, page) = desk.get(&format!("/operate/{}?{key}=nightly&lang=en", act.name())).await;
        assert_eq!(status, StatusCode::OK, "{act:?}");
        let (title, _) = act.words();
        assert!(page.contains(Language::En.say(title)) && page.contains("under the name ana"), "{page}");
    }
    let (_, page) = desk.get("/operate/approve?workflow=nightly").await;
    assert!(
        page.contains("nightly") && page.contains("connection refused"),
        "the server is away, and that is said: {page}"
    );
    assert_eq!(desk.get("/operate/erase").await.0, StatusCode::NOT_FOUND);
    assert_eq!(desk.orders(), [], "nothing was done");
}

#[tokio::test]
async fn an_act_is_done_once_under_the_name_of_who_is_signed_in() {
    let desk = Desk::answering(Ok("promoted"));
    let (status, page) = desk.post("approve", "workflow=nightly&reason=checked+it&by=somebody+else").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("nightly: promoted"), "{page}");
    let [order] = desk.orders().try_into().unwrap();
    assert_eq!((order.act, order.by.as_str(), order.reason.as_str()), (Act::Approve, "ana", "checked it"));
}

#[tokio::test]
async fn an_order_without_an_effect_is_not_called_done() {
    let effect = Effect::AlreadyAtWork("churn-1".to_owned());
    let said = effect.said(Format(Language::En)).0.text;
    let desk = Desk::where_comes(Ok(effect));
    let (status, page) = desk.post("start-train", "reason=&lang=en").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains(&said) && page.contains(Language::En.say(Word::OperateNothing)), "{page}");
    assert!(!page.contains('✓'), "{page}");
}

#[tokio::test]
async fn an_alert_is_known_for_some_days_and_the_form_says_how_many() {
    let desk = Desk::answering(Ok("done"));
    let (_, page) = desk.get("/operate/acknowledge?alert=01a2&lang=en").await;
    assert!(page.contains("max=\"2024-11-03\"") && page.contains("At most 30 days"), "{page}");
    let (status, page) = desk.post("acknowledge", "alert=01a2&reason=known&until=2099-12-31").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("within 30 days") && page.contains("2099-12-31"), "{page}");
    assert_eq!(desk.orders(), []);
}

#[tokio::test]
async fn an_answer_is_told_in_the_readers_language() {
    let desk = Desk::answering(Ok("approved by ana"));
    let (_, page) = desk.post("approve?lang=es", "workflow=nightly&reason=checked").await;
    let answer = Language::Es.fill(Word::UpdateSaidApproved, &[("by", "ana")]);
    assert!(page.contains(&format!("nightly: {answer}")), "{page}");
}

#[tokio::test]
async fn a_form_without_a_reason_does_nothing_and_keeps_what_was_typed() {
    let desk = Desk::answering(Ok("done"));
    let (status, page) = desk.post("acknowledge", "alert=01a2-4f90&reason=known&until=yesterday").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("known") && page.contains("01a2-4f90") && page.contains("yesterday"), "{page}");
    assert_eq!(desk.post("cancel", "workflow=nightly&reason=+").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(desk.orders(), []);
}

#[tokio::test]
async fn a_refusal_is_told_in_the_words_of_who_refused_and_no_word_becomes_markup() {
    let desk = Desk::answering(Err("run <b>nightly</b> is not at work any more"));
    let (status, page) = desk.post("pause", "workflow=nightly&reason=x").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("is not at work any more") && !page.contains("<b>nightly"), "{page}");
    let (_, page) = desk.post("pause?lang=es", "workflow=nightly&reason=x").await;
    assert!(page.contains("<span lang=\"en\">run &#60;b"), "an English refusal on a Spanish page is marked: {page}");
    let (_, page) = desk.get("/operate/pause?workflow=%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert!(!page.contains("<script>alert"), "{page}");
}
