//! For which names the dashboard answers. A page of a stranger whose name was turned to our address (DNS rebinding)
//! names a host that is none of ours.

use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};

/// What this machine calls itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The names, in small letters, without port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hosts {
    /// These alone.
    Named(Vec<String>),
    /// Any: who asks is known by a cookie of one host or by the load balancer, which no rebinding brings along.
    Any,
}

impl Hosts {
    /// Those of this machine, and what it is called besides.
    pub fn loopback(more: &[String]) -> Self {
        Self::Named(LOOPBACK.iter().map(|name| (*name).to_owned()).chain(more.iter().map(|name| plain(name))).collect())
    }

    /// The names that were given; any, where none was.
    pub fn given(names: &[String]) -> Self {
        if names.is_empty() { Self::Any } else { Self::Named(names.iter().map(|name| plain(name)).collect()) }
    }

    /// Whether a request is for one of them: exactly one host, which the line of the request does not contradict. The
    /// port says nothing, since it may be that of a tunnel.
    pub fn answer(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        let Ok(host) = host.to_str() else { return false };
        if uri.authority().is_some_and(|authority| !authority.as_str().eq_ignore_ascii_case(host)) {
            return false;
        }
        match self {
            Self::Any => true,
            Self::Named(names) => names.contains(&without_port(&plain(host)).to_owned()),
        }
    }
}

fn plain(name: &str) -> String {
    name.trim().trim_end_matches('.').to_ascii_lowercase()
}

/// `localhost:8080` is `localhost`, `[::1]:8080` is `[::1]`.
fn without_port(host: &str) -> &str {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    // An address of six colons and no brackets is none of a Host header.
    name.trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn answers(hosts: &Hosts, host: &str) -> bool {
        let headers = [(HOST, HeaderValue::from_str(host).unwrap())].into_iter().collect();
        hosts.answer(&headers, &Uri::from_static("/"))
    }

    #[test]
    fn this_machine_answers_to_its_own_names_at_any_port() {
        let hosts = Hosts::loopback(&["Churn.Example".to_owned()]);
        for good in
            ["localhost", "localhost:8080", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080", "[::1]", "churn.example"]
        {
            assert!(answers(&hosts, good), "{good}");
        }
        for bad in
            ["evil.example", "localhost.evil.example:8080", "127.0.0.1.evil.example", "::1", "", "localhost@evil"]
        {
            assert!(!answers(&hosts, bad), "{bad}");
        }
    }

    #[test]
    fn no_host_or_two_of_them_or_another_one_in_the_line_is_refused() {
        let hosts = Hosts::loopback(&[]);
        let uri = Uri::from_static("/");
        assert!(!hosts.answer(&HeaderMap::new(), &uri));
        let mut headers: HeaderMap = [(HOST, HeaderValue::from_static("localhost"))].into_iter().collect();
        assert!(!hosts.answer(&headers, &Uri::from_static("http://evil.example/")));
        headers.append(HOST, HeaderValue::from_static("evil.example"));
        assert!(!hosts.answer(&headers, &uri) && !Hosts::Any.answer(&headers, &uri));
    }

    proptest! {
        #[test]
        fn no_host_text_panics_and_none_but_ours_passes(host in "[ -~]{0,60}") {
            let text = host.trim().to_ascii_lowercase();
            let ours = LOOPBACK.iter().any(|name| text.starts_with(name));
            prop_assert!(!answers(&Hosts::loopback(&[]), &host) || ours);
        }
    }
}
