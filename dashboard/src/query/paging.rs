//! One page of a table: `page=2&per=50`.

use super::{PAGE, Reader};

/// The key of the page's size.
pub const PER: &str = "per";
/// How many rows a page may have.
pub const PAGE_SIZES: [usize; 3] = [25, 50, 200];
/// The word for all rows at once.
pub const ALL_ROWS: &str = "all";
/// The size without a word.
const USUAL: usize = 50;
/// So many rows go to paper at once (`per=all`).
const MOST_ON_PAPER: usize = 2000;

/// Which page, and how many rows on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// From 1.
    pub page: usize,
    /// Rows on a page.
    pub per: usize,
}

impl Default for Paging {
    fn default() -> Self {
        Self { page: 1, per: USUAL }
    }
}

/// The rows of a page within all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first row, from 0.
    pub start: usize,
    /// One behind the last.
    pub end: usize,
    /// All rows.
    pub total: usize,
    /// The page that is shown, from 1.
    pub page: usize,
    /// How many pages there are, at least 1.
    pub pages: usize,
}

impl Paging {
    /// Reads page and size.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let size = |value: &str| match value {
            ALL_ROWS => Some(MOST_ON_PAPER),
            _ => value.parse().ok().filter(|size| PAGE_SIZES.contains(size)),
        };
        let per = reader.one_or(PER, size, USUAL, "50");
        let page = reader.one_or(PAGE, |value| value.parse().ok().filter(|page| *page > 0), 1, "1");
        Self { page, per }
    }

    /// The rows that it shows of so many; a page behind the last one is the last.
    pub fn of(self, total: usize) -> Range {
        let pages = total.div_ceil(self.per).max(1);
        let page = self.page.min(pages);
        let start = (page - 1) * self.per;
        Range { start, end: (start + self.per).min(total), total, page, pages }
    }
}
