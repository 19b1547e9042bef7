//! How an object is cut into parts, and which of them a broken download has already brought.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// S3 takes at most this many parts of one object.
const MOST_PARTS: u64 = 10_000;

/// Bytes `from` to `from + bytes` of an object; the number counts from 1, as S3 does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub number: u32,
    pub from: u64,
    pub bytes: u64,
}

/// The parts of an object of `total` bytes.
pub(super) fn parts(total: u64, part_bytes: u64) -> Vec<Part> {
    let part_bytes = part_bytes.max(total.div_ceil(MOST_PARTS)).max(1);
    let cut = |index: u64| {
        let from = index * part_bytes;
        Part { number: index as u32 + 1, from, bytes: part_bytes.min(total - from) }
    };
    (0..total.div_ceil(part_bytes)).map(cut).collect()
}

/// The parts that have arrived, one line each, appended when a part is whole on disk.
pub(super) struct Journal {
    file: File,
    arrived: BTreeSet<u32>,
}

impl Journal {
    /// Opens (or begins) the journal of a download.
    pub fn open(path: &Path) -> io::Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            text => text?,
        };
        // The last line may be cut: then its part is loaded again.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let arrived = whole.lines().filter_map(|line| line.parse().ok()).collect();
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { file, arrived })
    }

    /// Whether a part need not be loaded.
    pub fn has(&self, part: Part) -> bool {
        self.arrived.contains(&part.number)
    }

    /// A part is whole on disk.
    pub fn add(&mut self, part: Part) -> io::Result<()> {
        self.file.write_all(format!("{}\n", part.number).as_bytes())?;
        self.arrived.insert(part.number);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_an_object_once() {
        let cut = parts(25, 10);
        let ranges: Vec<_> = cut.iter().map(|part| (part.number, part.from, part.bytes)).collect();
        assert_eq!(ranges, [(1, 0, 10), (2, 10, 10), (3, 20, 5)]);
        assert_eq!(parts(20, 10).len(), 2);
        assert!(parts(0, 10).is_empty());
        let huge = parts(5 << 40, 16 << 20);
        assert!(huge.len() <= 10_000 && huge.iter().map(|part| part.bytes).sum::<u64>() == 5 << 40);
    }

    #[test]
    fn a_journal_is_read_back_without_its_cut_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let [first, second, third] = parts(30, 10).try_into().unwrap();
        let mut journal = Journal::open(&path).unwrap();
        journal.add(first).unwrap();
        journal.add(third).unwrap();
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"2").unwrap();
        let again = Journal::open(&path).unwrap();
        assert!(again.has(first) && again.has(third) && !again.has(second));
    }
}
