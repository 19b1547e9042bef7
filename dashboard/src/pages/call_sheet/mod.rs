//! What a call needs of one customer, and the sheet that it is printed on: for the page of a customer, and for a page of
//! recommendations with a sheet for each.

mod contributions;
mod known;
mod money;
mod sheet;
mod why;

pub use contributions::Contributions;
pub use known::{Known, other_customers};
pub use money::{MONTHS, Money};
pub use sheet::{Fact, Sheet, Sources, Told, no_loss, no_offer, pays_from, profile, rank, reasons, steps, value};
#[cfg(test)]
pub use why::places;
pub use why::{Calibration, Mover, Why};
