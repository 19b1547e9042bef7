//! An element of a JSON file, with what `serde_json`'s own objects forget: a key that is there twice.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The fields of an object in their order; nothing for anything else.
#[derive(Debug)]
pub(super) struct Element(Option<Vec<(String, Value)>>);

impl Element {
    pub fn is_object(&self) -> bool {
        self.0.is_some()
    }

    /// The value of a key; the last one, where the key is there twice.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields().iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub fn has_repeated_key(&self) -> bool {
        let fields = self.fields();
        (1..fields.len()).any(|place| fields[..place].iter().any(|(key, _)| *key == fields[place].0))
    }

    fn fields(&self) -> &[(String, Value)] {
        self.0.as_deref().unwrap_or_default()
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
