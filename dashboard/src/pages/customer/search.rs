//! The form that finds a customer, and what it found. What is typed is sent in a body and stands in no address.

use askama::Template;

use crate::frame::{Frame, Link, PageId};
use crate::link::Hits;
use crate::server::Visit;
use crate::words::{Language, Word};

/// So many customers are named.
pub const MOST: usize = 10;
/// The form's field.
pub const FIELD: &str = "id";

/// The form. `{{ search|safe }}` places it.
#[derive(Debug, Clone, Template)]
#[template(path = "customer/search.html")]
pub struct Search {
    language: Language,
    action: String,
    csrf: String,
    typed: String,
}

/// The page of the search.
#[derive(Template)]
#[template(path = "customer/lookup.html")]
pub struct Lookup {
    /// The frame.
    pub frame: Frame,
    /// The form.
    pub search: Search,
    /// What came of it.
    pub found: Found,
}

/// What a search came to, where it did not lead to one customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// In words; nothing before somebody searched.
    pub said: Option<String>,
    /// Those who may be meant.
    pub customers: Vec<Link>,
}

impl Search {
    /// The form with what was typed.
    pub fn new(visit: &Visit, typed: &str) -> Self {
        Self {
            language: visit.language,
            action: visit.query.to(PageId::Lookup.path(), &[]),
            csrf: visit.csrf.as_ref().map(ToString::to_string).unwrap_or_default(),
            typed: typed.to_owned(),
        }
    }

    fn say(&self, word: Word) -> &'static str {
        self.language.say(word)
    }
}

impl Found {
    /// What is said of some, of the nearest, or of too little; the only one found has a page of their own.
    pub fn of(visit: &Visit, hits: &Hits<'_>) -> Self {
        let (format, language) = (visit.format(), visit.language);
        let link = |id: &&str| Link::new(*id, visit.customer(id));
        let (said, ids) = match hits {
            Hits::One(id) => (String::new(), std::slice::from_ref(id)),
            Hits::Some { ids, all } => {
                (language.fill(Word::CustomerSome, &[("count", &format.count(*all as u64))]), ids.as_slice())
            }
            Hits::Near(ids) if ids.is_empty() => (language.say(Word::CustomerNobody).to_owned(), ids.as_slice()),
            Hits::Near(ids) => (language.say(Word::CustomerNear).to_owned(), ids.as_slice()),
            Hits::TooShort => (language.say(Word::CustomerTooShort).to_owned(), [].as_slice()),
        };
        Self { said: Some(said).filter(|said| !said.is_empty()), customers: ids.iter().map(link).collect() }
    }
}

/// The IDs that begin so, for who is still typing.
pub fn completed<'a>(hits: &Hits<'a>) -> Vec<&'a str> {
    match hits {
        Hits::One(id) => vec![*id],
        Hits::Some { ids, .. } => ids.clone(),
        Hits::Near(_) | Hits::TooShort => Vec::new(),
    }
}
