//! Links, and how a key is added to the address of a view.

/// A text that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What the reader sees.
    pub text: String,
    /// Where it leads: a path of ours with its query, or a whole address.
    pub href: String,
}

impl Link {
    /// A link.
    pub fn new(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into() }
    }
}

/// `/risk?tier=high` with one key more. The value stands in an address as it is: a word of ours or an ID.
pub fn with_key(address: &str, key: &str, value: &str) -> String {
    let sign = if address.contains('?') { '&' } else { '?' };
    format!("{address}{sign}{key}={value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_added_to_any_address() {
        assert_eq!(with_key("/risk", "lang", "es"), "/risk?lang=es");
        assert_eq!(with_key("/risk?tier=high", "lang", "es"), "/risk?tier=high&lang=es");
    }
}
