//! The page for Prometheus of a worker that was started with [`WITH_METRICS`].

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// The options of such a worker: at a free port, which it tells in its log.
pub const WITH_METRICS: &[&str] = &["--metrics", "127.0.0.1:0"];

/// A page as it was at one moment.
#[derive(Debug, Clone)]
pub struct Page(String);

impl Page {
    /// The page of the worker whose log this is.
    pub fn of(log: &str) -> Self {
        let line = log.lines().find(|line| line.contains("metrics are served at /metrics")).expect("the worker tells");
        let address = line.split("address=").nth(1).and_then(|rest| rest.split_whitespace().next());
        let mut socket = TcpStream::connect(address.expect("an address")).expect("the page is served");
        let request = b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        socket.write_all(request).expect("it can be asked");
        let mut page = String::new();
        socket.read_to_string(&mut page).expect("the page is text");
        Self(page)
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The value of a series, named with its labels as on the page; none where nobody has seen it.
    pub fn value(&self, series: &str) -> Option<f64> {
        let rest = self.0.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
        Some(rest.trim().parse().unwrap_or_else(|error| panic!("{series} {rest}: {error}")))
    }
}

#[test]
fn a_series_has_its_own_value_and_not_that_of_one_whose_name_begins_alike() {
    let page = Page("a_b_total 3\r\na_b 2.5\na{x=\"y\"} 1\n".to_owned());
    assert_eq!((page.value("a_b"), page.value("a_b_total"), page.value("a")), (Some(2.5), Some(3.0), None));
    assert_eq!(page.value("a{x=\"y\"}"), Some(1.0));
}
