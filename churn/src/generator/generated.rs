//! What the generator wrote.

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// One entry per raw file, in the order they were written.
    pub files: Vec<GeneratedFile>,
}

/// One raw file of a [`Generated`] set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GeneratedFile {
    /// File name inside the output folder.
    pub name: &'static str,
    /// Rows (objects in the JSON file), the header not counted.
    pub rows: u64,
}
