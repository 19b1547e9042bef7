//! The reports of the run as files, as they lie in the lake.

/// A report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// The drift report for people, which needs no other file.
    Page,
    /// The same for programs.
    Drift,
    /// What was promised and came to pass.
    Performance,
}

impl Document {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Page, Self::Drift, Self::Performance];

    /// The name in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "report.html",
            Self::Drift => "report.json",
            Self::Performance => "promises.json",
        }
    }

    /// The document of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|document| document.name() == name)
    }

    /// The output of the run that it is.
    pub fn output(self) -> &'static str {
        match self {
            Self::Page => "drift_page",
            Self::Drift => "drift",
            Self::Performance => "performance",
        }
    }

    /// The name in the name of the file.
    pub fn title(self) -> &'static str {
        match self {
            Self::Page | Self::Drift => "drift-report",
            Self::Performance => "performance-report",
        }
    }

    /// What it is, and the ending of the file.
    pub fn kind(self) -> (&'static str, &'static str) {
        match self {
            Self::Page => ("text/html; charset=utf-8", "html"),
            Self::Drift | Self::Performance => ("application/json", "json"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_its_name_and_no_other_has_one() {
        assert!(Document::ALL.into_iter().all(|document| Document::of_name(document.name()) == Some(document)));
        assert_eq!(Document::of_name("report.svg"), None);
    }
}
