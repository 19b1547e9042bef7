//! The URL as the whole state of a page: what it says is read once, with the values that it cannot mean named, and
//! every link of the page is the same state with one thing changed.

mod paging;
mod reader;
mod sort;
#[cfg(test)]
mod tests;

pub use paging::{ALL_ROWS, PAGE_SIZES, PER, Paging, Range};
pub use reader::{BadValue, Reader};
pub use sort::{Direction, SORT, Sort};

/// The key that pins every page to a run.
pub const RUN: &str = "run";
/// The key of the language.
pub const LANG: &str = "lang";
/// The key of the colours.
pub const THEME: &str = "theme";
/// The key of the page of a table.
pub const PAGE: &str = "page";

/// Keys that are kept on the way to another page.
const KEPT: [&str; 2] = [RUN, LANG];

/// A path and its query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads the query of a URL; an empty value is none, as an empty field of a form means nothing.
    pub fn parse(path: &str, query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let pairs = pairs.into_owned().filter(|(_, value)| !value.is_empty()).collect();
        Self { path: path.to_owned(), pairs }
    }

    /// The path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// All keys and values, in their order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The first value of a key.
    pub fn first(&self, key: &str) -> Option<&str> {
        self.pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// All values of a key, in their order.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// This very page.
    pub fn href(&self) -> String {
        href(&self.path, &self.pairs)
    }

    /// This page with one key at one value; any change but that of the page begins at page 1.
    pub fn with(&self, key: &str, value: &(impl ToString + ?Sized)) -> String {
        self.set(key, value).href()
    }

    /// The state with one key at one value, for more changes.
    pub fn set(&self, key: &str, value: &(impl ToString + ?Sized)) -> Self {
        let mut changed = self.dropping(key);
        changed.pairs.push((key.to_owned(), value.to_string()));
        changed
    }

    /// This page without a key.
    pub fn without(&self, key: &str) -> String {
        self.dropping(key).href()
    }

    /// The state without some keys, on the same page of its table.
    pub fn except(&self, keys: &[&str]) -> Self {
        let mut kept = self.clone();
        kept.pairs.retain(|(name, _)| !keys.contains(&name.as_str()));
        kept
    }

    /// This page without one value of a key that may have several.
    pub fn without_value(&self, key: &str, value: &str) -> String {
        let mut changed = self.clone();
        changed.pairs.retain(|(name, other)| !(name == key && other == value) && name != PAGE);
        changed.href()
    }

    /// Another path with the same query: the downloads of a table.
    pub fn at(&self, path: &str) -> String {
        href(path, &self.pairs)
    }

    /// Another page in the same language and of the same run, with a query of its own.
    pub fn to(&self, path: &str, query: &[(&str, &str)]) -> String {
        let mut other = self.elsewhere(path);
        other.pairs.extend(query.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        other.href()
    }

    /// Another page in the same language and of the same run, without anything chosen there.
    pub fn elsewhere(&self, path: &str) -> Self {
        let kept = self.pairs.iter().filter(|(name, _)| KEPT.contains(&name.as_str()));
        Self { path: path.to_owned(), pairs: kept.cloned().collect() }
    }

    /// What a form of this page must bring along besides its own `fields`.
    pub fn hidden(&self, fields: &[&str]) -> Vec<(String, String)> {
        let kept = self.pairs.iter().filter(|(name, _)| !fields.contains(&name.as_str()) && name != PAGE);
        kept.cloned().collect()
    }

    /// Whether any of these keys has a value.
    pub fn has_any(&self, keys: &[&str]) -> bool {
        self.pairs.iter().any(|(name, _)| keys.contains(&name.as_str()))
    }

    fn dropping(&self, key: &str) -> Self {
        let mut changed = self.clone();
        changed.pairs.retain(|(name, _)| name != key && name != PAGE);
        changed
    }
}

fn href(path: &str, pairs: &[(String, String)]) -> String {
    if pairs.is_empty() {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{path}?{query}")
}
