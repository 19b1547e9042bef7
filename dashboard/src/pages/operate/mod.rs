//! What operators do: a page that says what follows, a form, and what came of it. Every act is done under the name that
//! the person is signed in with, and written down.

mod about;
mod act;
mod effect;

use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use chrono::TimeDelta;
use tokio::time::timeout;

use crate::access::audit::{self, Done, Outcome};
use crate::format::Format;
use crate::frame::{Frame, Link, PageId};
use crate::server::{PageError, Site, Visit, render};
use crate::words::{Said, Word};

pub use about::Fact;
pub use act::{Act, CarryOut, KNOWN_AT_MOST, Order, Problem, Subject};
pub use effect::{Effect, Turned};

/// A page waits so long for an act; the act goes on.
const PATIENCE: Duration = Duration::from_secs(8);
/// An alert is known for two weeks, unless somebody says otherwise.
const KNOWN_FOR: TimeDelta = TimeDelta::days(14);

/// The pages of all acts.
pub fn routes() -> Router<Site> {
    Router::new().route("/operate/{act}", get(ask).post(act))
}

/// The page that asks whether it is meant.
#[derive(Template)]
#[template(path = "operate/ask.html")]
struct Ask {
    frame: Frame,
    act: &'static str,
    what: &'static str,
    /// What is known of what it is about.
    facts: Vec<Fact>,
    /// Key and value of what it is about.
    subject: Option<(&'static str, String)>,
    reason: String,
    reason_label: &'static str,
    needs_reason: bool,
    until: Option<Until>,
    under: String,
    problem: Option<String>,
    button: &'static str,
    is_final: bool,
    csrf: String,
    back: Link,
}

/// The field of a date.
struct Until {
    label: &'static str,
    value: String,
    /// The first date that counts.
    first: String,
    /// The last one.
    last: String,
    /// Why not a later one.
    note: String,
}

/// The page that says what came of it.
#[derive(Template)]
#[template(path = "operate/done.html")]
struct Told {
    frame: Frame,
    answer: Answered,
    links: Vec<Link>,
}

/// What came of an act, in words.
struct Answered {
    class: &'static str,
    glyph: &'static str,
    heading: &'static str,
    said: Said,
    /// What stands beside it.
    also: Option<Said>,
}

/// What came of an act, as far as the page waited.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Came {
    Done(Effect),
    /// Why, in English.
    Refused(String),
    /// It goes on; the audit will have the rest.
    Later,
}

/// `GET /operate/{act}?workflow=...`
async fn ask(visit: Visit, Path(name): Path<String>) -> Response {
    let page = asked(&visit, &name, &[], None).await;
    visit.answer(page).await
}

/// `POST /operate/{act}`
async fn act(visit: Visit, Path(name): Path<String>, Form(form): Form<Vec<(String, String)>>) -> Response {
    let act = match allowed(&visit, &name) {
        Ok(act) => act,
        Err(error) => return visit.answer(Err(error)).await,
    };
    match Order::of(act, &form, &visit.person, visit.now) {
        Ok(order) => {
            let came = carry_out(&visit, order).await;
            let page = told(&visit, act, came).await;
            visit.answer(page).await
        }
        Err(problem) => {
            let page = asked(&visit, &name, &form, Some(problem)).await;
            let mut response = visit.answer(page).await;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            response
        }
    }
}

/// The act of a name, for who may do it. The routes are guarded already; whoever changes those does not open this.
fn allowed(visit: &Visit, name: &str) -> Result<Act, PageError> {
    if !visit.person.is_operator() {
        let problem = visit.language.say(Word::OperateForOperators).to_owned();
        return Err(PageError::Refused { problem });
    }
    Act::of(name).ok_or(PageError::NotFound { what: "page" })
}

async fn asked(
    visit: &Visit,
    name: &str,
    form: &[(String, String)],
    problem: Option<Problem>,
) -> Result<String, PageError> {
    let act = allowed(visit, name)?;
    let given = |key: &str| {
        let sent = form.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
        sent.or_else(|| visit.query.first(key)).unwrap_or_default().to_owned()
    };
    let (title, what) = act.words();
    let say = |word| visit.language.say(word);
    let subject = act.subject().key().map(|key| (key, given(key)));
    let until = (act == Act::Acknowledge).then(|| until(visit, given("until")));
    let facts = about::facts(visit, act, subject.as_ref().map_or("", |(_, subject)| subject.as_str())).await;
    let page = Ask {
        frame: visit.frame_of(Some(PageId::Status), say(title).to_owned(), Vec::new()).await,
        act: act.name(),
        what: say(what),
        facts,
        subject,
        reason: given("reason"),
        reason_label: say(if act.needs_reason() { Word::OperateReason } else { Word::OperateReasonIfAny }),
        needs_reason: act.needs_reason(),
        until,
        under: visit.language.fill(Word::OperateUnder, &[("name", &visit.person.name)]),
        problem: problem.map(|problem| problem.say(visit.language)),
        button: say(title),
        is_final: act.is_final(),
        csrf: visit.csrf.as_ref().map(ToString::to_string).unwrap_or_default(),
        back: Link::new(say(Word::OperateBack), visit.query.to(PageId::Status.path(), &[])),
    };
    render(&page)
}

/// The field of a date with what was typed into it, or with the usual one.
fn until(visit: &Visit, typed: String) -> Until {
    let date = |away: TimeDelta| (visit.now + away).format("%Y-%m-%d").to_string();
    let days = KNOWN_AT_MOST.num_days().to_string();
    Until {
        label: visit.language.say(Word::OperateUntil),
        value: if typed.is_empty() { date(KNOWN_FOR) } else { typed },
        first: date(TimeDelta::zero()),
        last: date(KNOWN_AT_MOST),
        note: visit.language.fill(Word::OperateAtMost, &[("days", &days)]),
    }
}

/// Does it, whoever goes away meanwhile, and writes down what came of it.
async fn carry_out(visit: &Visit, order: Order) -> Came {
    let (site, person) = (visit.site.clone(), visit.person.clone());
    let (act, subject) = (order.act.name(), order.subject.clone());
    let carry_out = site.carry_out();
    let doing = carry_out(order);
    let done = tokio::spawn(async move {
        let came = doing.await;
        let english = match &came {
            Ok(effect) => effect.in_english(),
            Err(why) => why.clone(),
        };
        let outcome = if came.is_ok() { Outcome::Done(&english) } else { Outcome::Refused(&english) };
        audit::record(&person, Done::Operated { act, subject: &subject, outcome });
        // The pages show at once what has changed.
        site.temporal().forget();
        site.store().forget_lists();
        came
    });
    match timeout(PATIENCE, done).await {
        Ok(Ok(Ok(effect))) => Came::Done(effect),
        Ok(Ok(Err(why))) => Came::Refused(why),
        Ok(Err(lost)) => Came::Refused(lost.to_string()),
        Err(_) => Came::Later,
    }
}

async fn told(visit: &Visit, act: Act, came: Came) -> Result<String, PageError> {
    let (title, _) = act.words();
    let title = visit.language.say(title).to_owned();
    let answer = in_words(visit.format(), came);
    let links = [PageId::Status, PageId::Overview]
        .map(|page| Link::new(visit.language.say(page.word()), visit.query.to(page.path(), &[])));
    let frame = visit.frame_of(Some(PageId::Status), title, Vec::new()).await;
    render(&Told { frame, answer, links: links.into() })
}

fn in_words(format: Format, came: Came) -> Answered {
    let language = format.0;
    match came {
        Came::Done(effect) => {
            let (said, also) = effect.said(format);
            let (glyph, heading) =
                if effect.is_none() { ("↷", Word::OperateNothing) } else { ("✓", Word::OperateDone) };
            Answered { class: "info", glyph, heading: language.say(heading), said, also }
        }
        Came::Refused(why) => {
            let said = Said::english(language, why);
            Answered { class: "fail", glyph: "✕", heading: language.say(Word::OperateRefused), said, also: None }
        }
        Came::Later => {
            let said = language.say(Word::OperateLaterText).into();
            Answered { class: "warn", glyph: "◐", heading: language.say(Word::OperateLater), said, also: None }
        }
    }
}

#[cfg(test)]
mod tests;
