//! From a page, or what is wrong, to a response.

use axum::http::header::{HeaderValue, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::Response;
use lake::keys;

use super::error_page;
use super::html::html;
use super::{PageError, Visit};
use crate::access::Access;
use crate::access::audit::{self, Done};
use crate::data::DataError;
use crate::export::{self, Taken};
use crate::pages::File;
use crate::query::{LANG, THEME};

/// A year, in seconds.
const YEAR: u32 = 365 * 24 * 3600;

impl Visit {
    /// The page, or the page about what is wrong; with the reader's choices as cookies.
    pub async fn answer(&self, page: Result<String, PageError>) -> Response {
        let mut response = match page {
            Ok(text) => html(StatusCode::OK, text),
            Err(error) if self.names_a_file() => error_page::no_file(self, &error).await,
            Err(error) => error_page::of(self, &error).await,
        };
        self.remember(response.headers_mut());
        self.time(response.headers_mut());
        response
    }

    /// Whether a file was asked for, also where no page has files: `/runs/nobody.csv`.
    fn names_a_file(&self) -> bool {
        self.query.path().rsplit('/').next().is_some_and(|name| File::of_name(name).is_some())
    }

    /// How long the page took, for who looks with the tools of a browser.
    fn time(&self, headers: &mut HeaderMap) {
        let millis = (self.site.now() - self.now).num_milliseconds();
        if let Ok(value) = HeaderValue::from_str(&format!("total;dur={millis}")) {
            headers.insert(HeaderName::from_static("server-timing"), value);
        }
    }

    /// A download, which is written down, or why there is no such file. One that was made while a document could not be
    /// read says so in its name: no banner stands above a file.
    pub async fn download(&self, file: Result<Response, PageError>) -> Response {
        let unread = self.unread();
        match file {
            Ok(mut file) => {
                let keys = unread.iter().filter_map(DataError::unreadable_key).map(str::to_owned);
                export::made_without(&mut file, &keys.collect::<Vec<_>>());
                self.write_down(&mut file);
                file
            }
            Err(error) => error_page::no_file(self, &or_unread(error, &unread)).await,
        }
    }

    /// What could not be read while a file was made. Of results of a run that is on record nothing is made of the pointer
    /// to the published ones.
    fn unread(&self) -> Vec<DataError> {
        let mut unread = self.torn().noted();
        unread.retain(|problem| problem.unreadable_key() != Some(keys::PUBLISHED));
        unread
    }

    /// Who only asks about a file takes nothing away.
    fn write_down(&self, file: &mut Response) {
        let taken = file.extensions_mut().remove::<Taken>().filter(|_| self.method != Method::HEAD);
        if let Some(Taken { file, rows, filter }) = taken {
            audit::record(&self.person, Done::Downloaded { file: &file, rows, filter: &filter });
        }
    }

    /// What the address says of language and colours counts for the next pages too.
    fn remember(&self, headers: &mut HeaderMap) {
        let choices = [(LANG, self.language.lang()), (THEME, self.theme.name())];
        for (key, value) in choices.into_iter().filter(|(key, _)| self.query.first(key).is_some()) {
            if let Ok(cookie) = HeaderValue::from_str(&choice(key, value, self.site.access())) {
                headers.append(SET_COOKIE, cookie);
            }
        }
    }
}

/// What is not there may stand in what cannot be read: then nobody may say that there is none.
fn or_unread(error: PageError, unread: &[DataError]) -> PageError {
    match (error, unread.first()) {
        (PageError::NotFound { .. }, Some(problem)) => problem.clone().into(),
        (error, _) => error,
    }
}

/// The cookie of a choice. It is not `HttpOnly`: the script writes the one of the colours.
fn choice(key: &str, value: &str, access: &Access) -> String {
    let secure = if access.is_over_tls() { "; Secure" } else { "" };
    format!("{key}={value}; Path=/; Max-Age={YEAR}; SameSite=Strict{secure}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::access::{AccessSettings, Admission};
    use crate::test_site::now;

    #[test]
    fn a_choice_goes_over_tls_alone_where_pages_come_by_tls() {
        let folder = tempfile::tempdir().unwrap();
        let token = |name: &str, letter: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, letter.repeat(32)).unwrap();
            path
        };
        let loopback = AccessSettings::loopback("127.0.0.1:8080".parse().unwrap(), "ana");
        let admission = Admission::Tokens { viewer: token("viewer", "v"), operator: token("operator", "o") };
        let guarded = AccessSettings { admission, ..loopback.clone() };
        let cookie = |settings: &AccessSettings| choice(LANG, "es", &settings.open(Arc::new(now)).unwrap());
        assert_eq!(cookie(&loopback), "lang=es; Path=/; Max-Age=31536000; SameSite=Strict");
        assert_eq!(cookie(&guarded), "lang=es; Path=/; Max-Age=31536000; SameSite=Strict; Secure");
    }
}
