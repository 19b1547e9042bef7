//! What the line and the headers of a request say of who sent it: where from, in which language, to which route.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, MatchedPath};
use axum::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use axum::http::request::Parts;
use axum::http::{Extensions, Uri};

use super::session::cookies;
use super::settings::Proxy;
use crate::query::LANG;
use crate::words::Language;

/// The address that tries are counted by.
pub fn address(extensions: &Extensions, headers: &HeaderMap, proxy: Proxy) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    match proxy {
        Proxy::None => peer,
        // The last address is the one that the proxy saw; those before it are what the visitor says.
        Proxy::One => {
            let last = headers.get_all("x-forwarded-for").iter().next_back();
            let last = last.and_then(|value| value.to_str().ok()?.rsplit(',').next());
            last.and_then(parse_address).or(peer)
        }
    }
}

/// With a port or without.
fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    text.parse().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))
}

/// The language of the pages of access, by the same rule as all others: query, cookie, browser.
pub fn language(uri: &Uri, headers: &HeaderMap) -> Language {
    let asked = uri.query().and_then(|query| {
        form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == LANG).and_then(|(_, tag)| Language::of(&tag))
    });
    let kept = || cookies(headers, LANG).find_map(Language::of);
    let liked = || headers.get(ACCEPT_LANGUAGE).and_then(|value| Language::accepted(value.to_str().ok()?));
    asked.or_else(kept).or_else(liked).unwrap_or_default()
}

/// The template of the route: the path itself may name a customer's page.
pub fn route(parts: &Parts) -> Option<&str> {
    parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use axum::http::header::COOKIE;

    use super::*;

    #[test]
    fn behind_a_proxy_only_its_own_word_counts() {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 4000))));
        let forwarded = |text: &'static str| -> HeaderMap {
            [("x-forwarded-for".parse().unwrap(), HeaderValue::from_static(text))].into_iter().collect()
        };
        let at = |headers: &HeaderMap, proxy| address(&extensions, headers, proxy).map(|address| address.to_string());
        let headers = forwarded("6.6.6.6, 192.0.2.7");
        assert_eq!(at(&headers, Proxy::None).as_deref(), Some("10.0.0.1"));
        assert_eq!(at(&headers, Proxy::One).as_deref(), Some("192.0.2.7"));
        assert_eq!(at(&forwarded("192.0.2.7:5000"), Proxy::One).as_deref(), Some("192.0.2.7"));
        assert_eq!(at(&forwarded("unknown"), Proxy::One).as_deref(), Some("10.0.0.1"));
        assert_eq!(address(&Extensions::new(), &HeaderMap::new(), Proxy::One), None);
    }

    #[test]
    fn the_language_is_what_was_asked_for_then_kept_then_liked() {
        let headers: HeaderMap = [
            (COOKIE, HeaderValue::from_static("theme=dark; lang=en")),
            (ACCEPT_LANGUAGE, HeaderValue::from_static("es-ES")),
        ]
        .into_iter()
        .collect();
        let spoken = |uri: &'static str, headers: &HeaderMap| language(&Uri::from_static(uri), headers);
        assert_eq!(spoken("/login?lang=es", &headers), Language::Es);
        assert_eq!(spoken("/login?lang=fr", &headers), Language::En);
        let mut liked = headers;
        liked.remove(COOKIE);
        assert_eq!(spoken("/login", &liked), Language::Es);
        assert_eq!(spoken("/login", &HeaderMap::new()), Language::En);
    }
}
