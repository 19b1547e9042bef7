//! Customers who got an offer, and those of the control group who did not, counted.

use serde::{Deserialize, Serialize};

/// One side of a comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    /// Its customers.
    pub customers: u64,
    /// Those of them who left.
    pub churned: u64,
}

impl Arm {
    /// The share who left; none of nobody.
    pub fn churn(self) -> Option<f64> {
        (self.customers > 0).then(|| self.churned as f64 / self.customers as f64)
    }

    fn add(&mut self, churned: bool) {
        self.customers += 1;
        self.churned += u64::from(churned);
    }
}

/// Both sides, of customers among whom the draw was alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cell {
    /// Who got the offer.
    pub treated: Arm,
    /// Who was drawn into the control group.
    pub control: Arm,
}

impl Cell {
    pub fn add(&mut self, is_control: bool, churned: bool) {
        let arm = if is_control { &mut self.control } else { &mut self.treated };
        arm.add(churned);
    }

    pub fn customers(self) -> u64 {
        self.treated.customers + self.control.customers
    }

    /// Churn of the control group less that of those who got the offer; none where one side is empty.
    pub fn difference(self) -> Option<f64> {
        Some(self.control.churn()? - self.treated.churn()?)
    }
}
