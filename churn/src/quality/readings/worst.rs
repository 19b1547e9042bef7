//! The worst month of the window: some things go wrong in one month, and not in others.

use super::NAMED;
use super::window::InWindow;
use crate::hourly::{Coverage, MonthCoverage};

/// The month with the largest share of customers, and those that come next.
pub(super) struct Worst {
    pub count: u64,
    pub of: u64,
    /// The worst first.
    pub months: String,
    others: usize,
}

impl Worst {
    /// Of the months in the window; none where nobody is concerned in any.
    pub fn of(
        coverage: &Coverage,
        window: InWindow,
        count: fn(&MonthCoverage) -> u64,
        of: fn(&MonthCoverage) -> u64,
    ) -> Option<Self> {
        let share = |month: &MonthCoverage| count(month) as f64 / of(month).max(1) as f64;
        let mut months: Vec<&MonthCoverage> =
            coverage.months.iter().filter(|month| count(month) > 0 && window.holds(&month.month)).collect();
        months.sort_by(|one, other| share(other).total_cmp(&share(one)));
        let worst = months.first()?;
        let named: Vec<&str> = months.iter().take(NAMED).map(|month| month.month.as_str()).collect();
        let others = months.len() - named.len();
        Some(Self { count: count(worst), of: of(worst), months: named.join(", "), others })
    }

    pub fn share(&self) -> f64 {
        self.count as f64 / self.of.max(1) as f64
    }

    /// How many months more there are, after those that are named.
    pub fn and_more(&self) -> String {
        if self.others == 0 { String::new() } else { format!(" and {} other months", self.others) }
    }
}
