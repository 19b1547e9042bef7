//! Who asks, and what they may do.

/// So many characters of a name are enough for everybody.
const LONGEST_NAME: usize = 64;

/// What a person may do. An operator may all that a viewer may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks, searches, downloads.
    Viewer,
    /// Starts, decides, pauses, cancels, acknowledges, too.
    Operator,
}

impl Role {
    /// Its name in cookies and in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
        }
    }

    /// The role of a name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Viewer, Self::Operator].into_iter().find(|role| role.as_str() == text)
    }
}

/// Who asks: an extension of every request that reaches a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// As the person signed in, or as the directory calls them. What they do is written down under it.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl Person {
    /// A person of a name that can stand in a log and in an approval: 1 to 64 characters, on one line.
    pub fn new(name: &str, role: Role) -> Option<Self> {
        let name = name.trim();
        let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
        fits.then(|| Self { name: name.to_owned(), role })
    }

    /// Whether they may start, decide, pause, cancel and acknowledge.
    pub fn is_operator(&self) -> bool {
        self.role == Role::Operator
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_on_one_line() {
        assert_eq!(Person::new(" ana ", Role::Viewer).unwrap().name, "ana");
        for bad in ["", "  ", "ana\nroot", "\u{1b}[31mana", &"a".repeat(65)] {
            assert_eq!(Person::new(bad, Role::Operator), None, "{bad:?}");
        }
        assert!(Person::new(&"ñ".repeat(64), Role::Viewer).is_some());
    }

    #[test]
    fn an_operator_is_more_than_a_viewer() {
        assert!(Role::Operator > Role::Viewer);
        for role in [Role::Viewer, Role::Operator] {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("Operator"), None);
    }
}
