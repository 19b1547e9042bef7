//! Where a page of a table stands: "51–100 of 1,516".

use crate::format::Format;
use crate::words::Word;

/// Which rows are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The page, from 1.
    pub page: u64,
    /// Rows on a page.
    pub per: u64,
    /// Rows in all.
    pub total: u64,
}

/// A number of rows to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// The number.
    pub text: String,
    /// The first page with so many rows.
    pub href: String,
    /// Whether it is the one of now.
    pub current: bool,
}

/// The line under a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pager {
    /// "51–100 of 1,516".
    pub range: String,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// The numbers of rows to choose.
    pub sizes: Vec<Size>,
}

impl Position {
    /// The numbers of rows that a reader may choose.
    pub const SIZES: [u64; 3] = [25, 50, 200];

    /// The last page; 1 where there are no rows.
    pub fn last(self) -> u64 {
        self.total.div_ceil(self.per.max(1)).max(1)
    }

    /// The first row of the page, from 1; 0 where there are none.
    pub fn first_row(self) -> u64 {
        if self.total == 0 {
            return 0;
        }
        (self.page.clamp(1, self.last()) - 1) * self.per + 1
    }

    /// The last row of the page.
    pub fn last_row(self) -> u64 {
        (self.first_row() + self.per).saturating_sub(1).min(self.total)
    }
}

impl Pager {
    /// The pager of a position; `href` gives the address of a page with so many rows.
    pub fn new(format: Format, position: Position, href: impl Fn(u64, u64) -> String) -> Self {
        let page = position.page.clamp(1, position.last());
        let rows = [position.first_row(), position.last_row(), position.total].map(|number| format.count(number));
        let [from, to, total] = rows.each_ref().map(String::as_str);
        let values = [("from", from), ("to", to), ("total", total)];
        let size = |per: u64| Size { text: format.count(per), href: href(1, per), current: per == position.per };
        Self {
            range: format.0.fill(Word::TableRange, &values),
            previous: (page > 1).then(|| href(page - 1, position.per)),
            next: (page < position.last()).then(|| href(page + 1, position.per)),
            sizes: Position::SIZES.map(size).into(),
        }
    }
}
