//! What the URL of the page says: which version, and a threshold to try.

use protocol::ModelVersion;

use crate::query::Reader;

/// The key of the version.
pub const VERSION: &str = "version";
/// The key of the threshold to try.
pub const THRESHOLD: &str = "t";

/// The state of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The version that is shown; none where there is none at all.
    pub version: Option<ModelVersion>,
    /// A threshold to try: from this probability on a customer would be flagged.
    pub threshold: Option<f64>,
}

impl State {
    /// Reads it; a version that is not among `known` is named, and `usual` is shown.
    pub fn read(reader: &mut Reader<'_>, known: &[ModelVersion], usual: Option<&ModelVersion>) -> Self {
        let find = |value: &str| known.iter().find(|version| version.as_str() == value).cloned().map(Some);
        let used = usual.map(ToString::to_string).unwrap_or_default();
        Self {
            version: reader.one_or(VERSION, find, usual.cloned(), &used),
            threshold: reader.number(THRESHOLD, 0.0, 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Query;

    #[test]
    fn a_version_that_nobody_knows_is_named_and_the_usual_one_is_shown() {
        let known: [ModelVersion; 2] = ["a".into(), "b".into()];
        let read = |text: &str| {
            let query = Query::parse("/model", Some(text));
            let mut reader = Reader::new(&query);
            let state = State::read(&mut reader, &known, known.first());
            (state, reader.bad().len())
        };
        assert_eq!(read("version=b&t=0,3"), (State { version: Some("b".into()), threshold: Some(0.3) }, 0));
        assert_eq!(read("version=..%2Fx&t=7"), (State { version: Some("a".into()), threshold: None }, 2));
    }
}
