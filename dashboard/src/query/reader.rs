//! Reading values of a query: what a value cannot mean is named, and the default is used.

use super::Query;

/// Longer values are not repeated on the page.
const MOST_SHOWN: usize = 40;

/// A value of the URL that means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadValue {
    /// The key.
    pub key: &'static str,
    /// The value, cut where it is long.
    pub value: String,
    /// What was taken instead.
    pub used: String,
}

impl BadValue {
    /// A value in place of which something else is used: all, where `used` is empty.
    pub fn new(key: &'static str, value: &str, used: String) -> Self {
        Self { key, value: value.chars().take(MOST_SHOWN).collect(), used }
    }
}

/// Reads a query value by value. Keys that nobody asks for are ignored.
#[derive(Debug)]
pub struct Reader<'a> {
    query: &'a Query,
    bad: Vec<BadValue>,
}

impl<'a> Reader<'a> {
    /// Nothing read yet.
    pub fn new(query: &'a Query) -> Self {
        Self { query, bad: Vec::new() }
    }

    /// What could not be understood.
    pub fn bad(self) -> Vec<BadValue> {
        self.bad
    }

    /// One value of a key as `parse` understands it; none where there is none, or where it means nothing.
    pub fn one<T>(&mut self, key: &'static str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = self.query.first(key)?;
        let parsed = parse(value);
        if parsed.is_none() {
            self.complain(key, value, String::new());
        }
        parsed
    }

    /// The same, with what stands for none; `used` says it.
    pub fn one_or<T>(&mut self, key: &'static str, parse: impl Fn(&str) -> Option<T>, or: T, used: &str) -> T {
        let Some(value) = self.query.first(key) else { return or };
        if let Some(parsed) = parse(value) {
            return parsed;
        }
        self.complain(key, value, used.to_owned());
        or
    }

    /// Every value of a key that may have several.
    pub fn many<T: PartialEq>(&mut self, key: &'static str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let mut all = Vec::new();
        for value in self.query.all(key) {
            match parse(value) {
                Some(parsed) if !all.contains(&parsed) => all.push(parsed),
                Some(_) => {}
                None => self.complain(key, value, String::new()),
            }
        }
        all
    }

    /// A finite number within bounds; people in Spain write a comma.
    pub fn number(&mut self, key: &'static str, from: f64, to: f64) -> Option<f64> {
        self.one(key, |value| {
            let number: f64 = value.trim().replace(',', ".").parse().ok()?;
            (from..=to).contains(&number).then_some(number)
        })
    }

    /// A text that is one of those that the data knows; the page names an unknown one when it has the data.
    pub fn texts(&mut self, key: &'static str) -> Vec<String> {
        self.many(key, |value| Some(value.to_owned()))
    }

    fn complain(&mut self, key: &'static str, value: &str, used: String) {
        self.bad.push(BadValue::new(key, value, used));
    }
}
