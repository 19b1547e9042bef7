//! One request: who asks for what, in which language, of which results.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE, HeaderMap};
use axum::http::request::Parts;
use chrono::{DateTime, Utc};

use crate::access::{Person, Role, csrf};
use crate::data::{self, Snapshot, Torn};
use crate::format::Format;
use crate::frame::{Frame, PageId, Provenance, SignedIn, Standing, Theme};
use crate::link::Token;
use crate::pages::{banners, shown_filter};
use crate::query::{BadValue, LANG, Query, RUN, Reader, THEME};
use crate::server::{PageError, People, Site};
use crate::words::Language;

/// What reads the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// A browser, before which a person sits.
    Browser,
    /// Whatever does not ask for a page.
    Program,
}

/// One request: everything a page is made with.
#[derive(Debug, Clone)]
pub struct Visit {
    /// What all requests share.
    pub site: Site,
    /// What the reader reads.
    pub language: Language,
    /// Light or dark.
    pub theme: Theme,
    /// Who asks.
    pub person: Person,
    /// By what.
    pub asker: Asker,
    /// Whether for an answer, or only about one.
    pub method: Method,
    /// When the request came: the only time that its page knows.
    pub now: DateTime<Utc>,
    /// What is asked for.
    pub query: Query,
    /// What the forms of the page carry; none where there was no check of who asks.
    pub csrf: Option<csrf::Token>,
    snapshot: Result<Snapshot, PageError>,
    torn: Torn,
}

impl Visit {
    /// The results that the whole page is about: the published ones, or those of `?run=`.
    pub fn snapshot(&self) -> Result<&Snapshot, PageError> {
        self.snapshot.as_ref().map_err(Clone::clone)
    }

    /// What could not be read of that which the answer goes on without, of these results or of the lake.
    pub fn torn(&self) -> &Torn {
        &self.torn
    }

    /// What is asked for as it may stand in a log: without a word that may name a customer.
    pub fn filter_in_log(&self) -> String {
        self.filter_in_log_of(|_| false)
    }

    /// The same of a table whose columns are known: their names may stand in a log, too.
    pub fn filter_in_log_of(&self, is_column: impl Fn(&str) -> bool) -> String {
        let run = self.snapshot.as_ref().ok().map(Snapshot::run_id);
        shown_filter::of(self.query.pairs(), run.map(|run| &**run), is_column)
    }

    /// Shows values in the reader's language.
    pub fn format(&self) -> Format {
        Format(self.language)
    }

    /// Reads the query value by value.
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(&self.query)
    }

    /// The address of a customer's page.
    pub fn customer(&self, customer_id: &str) -> String {
        self.customer_of(self.site.link_key().token(customer_id))
    }

    /// The address of the page of a customer's token.
    pub fn customer_of(&self, token: Token) -> String {
        self.query.to(&token.path(), &[])
    }

    /// The frame of a page, with what is wrong with the results and with the query.
    pub async fn frame(&self, page: PageId, bad: Vec<BadValue>) -> Frame {
        self.frame_of(Some(page), self.language.say(page.word()).to_owned(), bad).await
    }

    /// The frame of a page with a title of its own: a customer, an error.
    pub async fn frame_of(&self, page: Option<PageId>, title: String, bad: Vec<BadValue>) -> Frame {
        self.framed(page, title, bad, self.snapshot.as_ref().ok()).await
    }

    /// The frame of a page about a run, or about several: what is wrong with the results stands above it only where it is
    /// about the run that made them.
    pub async fn frame_of_run(&self, run_id: Option<&str>, title: String, bad: Vec<BadValue>) -> Frame {
        let results = self.snapshot.as_ref().ok();
        let own = results.filter(|results| run_id.is_some_and(|run_id| *results.run_id() == *run_id));
        self.framed(Some(PageId::Status), title, bad, own).await
    }

    async fn framed(
        &self,
        page: Option<PageId>,
        title: String,
        bad: Vec<BadValue>,
        warned_of: Option<&Snapshot>,
    ) -> Frame {
        let snapshot = self.snapshot.as_ref().ok();
        let mut banners = banners::of_bad_values(self.language, &bad);
        banners.extend(banners::of_visit(self, warned_of).await);
        // A page of errors says it itself.
        let problem = self.snapshot.as_ref().err().filter(|_| page.is_some());
        banners.extend(problem.and_then(|problem| banners::without_results(self.language, problem)));
        let digest = snapshot.and_then(|snapshot| snapshot.scores_digest().ok());
        Frame {
            language: self.language,
            theme: self.theme,
            page,
            title,
            here: self.here(),
            pin: self.pin(),
            provenance: snapshot.map(|snapshot| self.provenance(snapshot)),
            banners,
            person: self.signed_in(),
            refresh_secs: None,
            version: self.site.facts().version.clone(),
            data: digest.map(|digest| digest.short().to_owned()),
        }
    }

    /// The run in Temporal's own pages, where these are known.
    pub fn in_temporal(&self, workflow_id: &str, run_id: &str) -> Option<String> {
        let ui = self.site.facts().temporal_ui.as_deref()?;
        // The names of workflows are ours; a `/` in one would be a folder.
        let workflow_id = workflow_id.replace('%', "%25").replace('/', "%2F");
        Some(format!("{}/workflows/{workflow_id}/{run_id}/history", ui.trim_end_matches('/')))
    }

    /// The path and query without language and theme, for the links that change them.
    fn here(&self) -> String {
        self.query.except(&[LANG, THEME]).href()
    }

    /// The run that the links of the page stay with. Where there are no such results, they lead to those of now.
    fn pin(&self) -> Option<String> {
        let is_past = self.snapshot.as_ref().is_ok_and(|snapshot| snapshot.standing() == data::Standing::Past);
        self.query.first(RUN).filter(|_| is_past).map(str::to_owned)
    }

    fn provenance(&self, snapshot: &Snapshot) -> Provenance {
        let standing = match snapshot.standing() {
            data::Standing::Current => Standing::Current,
            data::Standing::Past => Standing::Past,
        };
        let times = (snapshot.as_of(), self.now);
        let (run_id, model) = (snapshot.run_id(), snapshot.model_version());
        Provenance::new(self.language, times, run_id, model, snapshot.published_at(), standing)
            .never_published(snapshot.never_published())
            .in_temporal(self.in_temporal(snapshot.workflow_id(), run_id))
    }

    fn signed_in(&self) -> Option<SignedIn> {
        let csrf = self.csrf.as_ref().filter(|_| self.site.facts().people == People::SignedIn)?;
        Some(SignedIn { name: self.person.name.clone(), csrf: csrf.to_string() })
    }
}

impl FromRequestParts<Site> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Self::Rejection> {
        let query = Query::parse(parts.uri.path(), parts.uri.query());
        let now = site.now();
        let snapshot = site.snapshot_at(query.first(RUN), now).await.map_err(PageError::from);
        // Whom nobody has checked may look, where pages can be reached without a check at all: in tests.
        let nobody = || Person { name: "nobody".to_owned(), role: Role::Viewer };
        Ok(Self {
            language: language(&query, &parts.headers),
            theme: theme(&query, &parts.headers),
            person: parts.extensions.get::<Person>().cloned().unwrap_or_else(nobody),
            asker: asker(&parts.headers),
            method: parts.method.clone(),
            csrf: parts.extensions.get::<csrf::Token>().cloned(),
            // One list, whether it is of the results or of what belongs to no run.
            torn: snapshot.as_ref().map(|snapshot| snapshot.torn().clone()).unwrap_or_default(),
            snapshot,
            site: site.clone(),
            now,
            query,
        })
    }
}

fn asker(headers: &HeaderMap) -> Asker {
    let mut accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    if accepted.any(|kinds| kinds.contains("text/html")) { Asker::Browser } else { Asker::Program }
}

/// The language of the address, of the cookie, of the browser.
fn language(query: &Query, headers: &HeaderMap) -> Language {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).and_then(Language::accepted);
    let asked = query.first(LANG).and_then(Language::of);
    asked.or_else(|| cookies(headers, LANG).find_map(Language::of)).or(accepted).unwrap_or_default()
}

/// The colours of the address, of the cookie.
fn theme(query: &Query, headers: &HeaderMap) -> Theme {
    let asked = query.first(THEME).and_then(Theme::of);
    asked.or_else(|| cookies(headers, THEME).find_map(Theme::of)).unwrap_or_default()
}

/// The values of the cookies of a name.
fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    texts.flat_map(|text| text.split(';')).filter_map(move |pair| {
        let (key, value) = pair.split_once('=')?;
        (key.trim() == name).then_some(value.trim())
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_address_wins_over_the_cookie_and_the_cookie_over_the_browser() {
        let mut headers = HeaderMap::new();
        assert_eq!(language(&Query::default(), &headers), Language::En);
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("es-ES"));
        assert_eq!(language(&Query::default(), &headers), Language::Es);
        headers.insert(COOKIE, HeaderValue::from_static("lang=en; theme=dark"));
        assert_eq!(language(&Query::default(), &headers), Language::En);
        let asked = Query::parse("/", Some("lang=es&theme=light"));
        assert_eq!((language(&asked, &headers), theme(&asked, &headers)), (Language::Es, Theme::Light));
        assert_eq!(theme(&Query::default(), &headers), Theme::Dark);
    }
}
