//! What the numbers of a chart are, and how they are shown.

use crate::format::Format;

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Euros, in sums.
    Eur,
    /// Euros of one customer.
    EurCents,
    /// A share of 1, shown as percent.
    Percent,
    /// A measure of a model.
    Score,
    /// A measure with this many digits.
    Number(usize),
}

impl Unit {
    /// The number as it is shown beside a mark and in the table.
    pub fn show(self, format: Format, value: f64) -> String {
        match self {
            Self::Count => format.number(value, 0),
            Self::Eur => format.eur(value),
            Self::EurCents => format.eur_cents(value),
            Self::Percent => format.percent(value),
            Self::Score => format.score(value),
            Self::Number(digits) => format.number(value, digits),
        }
    }

    /// The number as a label of an axis: with the digits that tell its ticks apart.
    pub(super) fn tick(self, format: Format, value: f64, digits: usize) -> String {
        match self {
            Self::Eur | Self::EurCents => format.eur(value),
            Self::Percent => format.percent_digits(value, digits.saturating_sub(2)),
            Self::Count | Self::Score | Self::Number(_) => format.number(value, digits),
        }
    }
}
