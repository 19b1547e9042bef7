//! An element of a JSON file, with what `serde_json`'s own objects forget: a key that is there twice. As the header of a CSV
//! file, keys may be in any case.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Where the next page is, as services say it; keys without case and signs.
const NEXT: [&str; 11] = [
    "next",
    "nextpage",
    "nexturl",
    "nextlink",
    "nexthref",
    "nextcursor",
    "nexttoken",
    "nextpagetoken",
    "nextoffset",
    "odatanextlink",
    "cursor",
];
/// Whether there is one.
const HAS_MORE: [&str; 3] = ["hasmore", "hasnext", "hasnextpage"];
/// How many there are on all pages.
const TOTAL: [&str; 7] =
    ["total", "count", "totalcount", "totalresults", "totalitems", "totalrecords", "totalelements"];
/// How many pages there are.
const PAGES: [&str; 3] = ["pages", "totalpages", "pagecount"];

/// The fields of an object in their order; nothing for anything else.
#[derive(Debug)]
pub(super) struct Element(Option<Vec<(String, Value)>>);

impl Element {
    pub fn is_object(&self) -> bool {
        self.0.is_some()
    }

    /// The value of a key; the last one, where the key is there twice.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields().iter().rev().find(|(key, _)| is_alike(key, name)).map(|(_, value)| value)
    }

    pub fn has_repeated_key(&self) -> bool {
        let fields = self.fields();
        (1..fields.len()).any(|place| fields[..place].iter().any(|(key, _)| is_alike(key, &fields[place].0)))
    }

    /// Whether it has one of these keys in another case only.
    pub fn has_other_case(&self, mut names: impl Iterator<Item = &'static str>) -> bool {
        names.any(|name| self.fields().iter().any(|(key, _)| key != name && is_alike(key, name)))
    }

    /// The keys of its values that are lists of objects and of nothing else; empty ones count where all are.
    pub fn lists(&self) -> Vec<String> {
        let length = |value: &Value| {
            let list = value.as_array().filter(|list| list.iter().all(Value::is_object));
            list.map(Vec::len)
        };
        let lists = self.fields().iter().filter_map(|(key, value)| Some((key, length(value)?)));
        let (filled, empty): (Vec<_>, Vec<_>) = lists.partition(|(_, length)| *length > 0);
        let counted = if filled.is_empty() { empty } else { filled };
        counted.into_iter().map(|(key, _)| key.clone()).collect()
    }

    /// The key that tells that the list under another one is one page of several, beside it or in an object beside it.
    pub fn key_of_more(&self, list: &str) -> Option<String> {
        let length = self.get(list).and_then(Value::as_array).map_or(0, Vec::len) as u64;
        let mut beside = self.fields().iter().flat_map(|(key, value)| {
            let within = value.as_object().into_iter().flatten();
            std::iter::once((key, value)).chain(within)
        });
        beside.find(|(key, value)| tells_of_more(key, value, length)).map(|(key, _)| key.clone())
    }

    fn fields(&self) -> &[(String, Value)] {
        self.0.as_deref().unwrap_or_default()
    }
}

/// Whether a field beside a list of this length tells that there is more.
fn tells_of_more(key: &str, value: &Value, length: u64) -> bool {
    let bare: String = key.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_lowercase()).collect();
    let is_of = |keys: &[&str]| keys.contains(&bare.as_str());
    match value {
        Value::Bool(has_more) => *has_more && is_of(&HAS_MORE),
        Value::Number(number) => {
            let number = number.as_u64().unwrap_or(0);
            (number > 0 && is_of(&NEXT)) || (number > length && is_of(&TOTAL)) || (number > 1 && is_of(&PAGES))
        }
        Value::String(next) => !next.trim().is_empty() && is_of(&NEXT),
        Value::Object(next) => !next.is_empty() && is_of(&NEXT),
        Value::Null | Value::Array(_) => false,
    }
}

/// Whether two keys are the same but for case and blanks around them.
pub(super) fn is_alike(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

/// The list under a key of the object that the whole content is.
pub(super) fn list_under(content: &[u8], key: &str) -> serde_json::Result<Vec<Element>> {
    let mut deserializer = serde_json::Deserializer::from_slice(content);
    deserializer.deserialize_map(ListUnder(key))
}

struct ListUnder<'a>(&'a str);

impl<'de> Visitor<'de> for ListUnder<'_> {
    type Value = Vec<Element>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object around a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Element>, A::Error> {
        let mut list = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == self.0 {
                list = map.next_value()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(list)
    }
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor)
    }
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry::<String, Value>()? {
            fields.push(field);
        }
        Ok(Element(Some(fields)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Element, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Element, E> {
        Ok(Element(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Element, E> {
        Ok(Element(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Element, E> {
        Ok(Element(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Element, E> {
        Ok(Element(None))
    }

    fn visit_str<E>(self, _: &str) -> Result<Element, E> {
        Ok(Element(None))
    }

    fn visit_unit<E>(self) -> Result<Element, E> {
        Ok(Element(None))
    }
}
