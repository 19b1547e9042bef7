//! Gold: one row per customer with every feature, seen from the snapshot date.
//!
//! Each tier of features is a file: a struct of one customer's features, made by a pure function
//! of that customer's data, and the columns that a list of them becomes.
//!
//! What is called `_2024`, `_12m` or yearly covers the twelve months that end with the last whole month by the snapshot date,
//! as far as the customer has them, whatever else the readings hold: two years of history give the same features as one. The name `_2024` keeps the year of the first data, because stored models know it.

mod behaviour;
mod catalogue;
mod columns;
mod compound;
mod customer;
mod definitions;
mod lifecycle;
mod market;
mod months;
mod risk;
mod spans;
mod statistics;
mod strings;

use polars::prelude::*;

use crate::columns::table;
use crate::error::Result;
use crate::snapshot_date::SnapshotDate;

pub use catalogue::{Window, windows};
pub use definitions::definition;

use behaviour::Behaviour;
use columns::{code, measure, text};
use compound::Compound;
use customer::Customer;
use lifecycle::Lifecycle;
use market::Market;
use months::MonthsOfCustomers;
use risk::Risk;
use statistics::if_known;
use strings::Strings;

/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 4;

/// One row per customer of `silver_customer`, sorted by `customer_id`.
///
/// Holds `customer_id`, the features of all tiers, the sentiment shares `sentiment_neg`,
/// `sentiment_neu`, `sentiment_pos`, the business columns `avg_monthly_margin` and
/// `total_margin_2024` (EUR, never features) and the label `churn`. Flags, counts and codes are
/// `Int32`, measures `Float64`. `silver_customer_month` must already be cut at `as_of`.
///
/// A repeated customer or (customer, month) is an error.
pub fn gold_master(
    silver_customer: &DataFrame,
    silver_customer_month: &DataFrame,
    as_of: SnapshotDate,
) -> Result<DataFrame> {
    let silver_customer = customer::sorted(silver_customer)?;
    let customers = customer::read(&silver_customer)?;
    let months = MonthsOfCustomers::read(silver_customer_month, as_of)?;

    let market: Vec<Option<Market>> = customers.iter().map(|c| months.of(c.id).map(|m| Market::of(&m))).collect();
    let risk: Vec<Option<Risk>> = customers.iter().map(|c| months.of(c.id).map(|m| Risk::of(&m))).collect();
    let lifecycle: Vec<Lifecycle> =
        customers.iter().zip(&market).map(|(c, market)| Lifecycle::of(c, market.as_ref(), as_of)).collect();
    let behaviour: Vec<Behaviour> = customers.iter().map(|c| Behaviour::of(c, as_of)).collect();
    let compound: Vec<Compound> =
        (0..customers.len()).map(|row| Compound::of(&customers[row], &lifecycle[row], &behaviour[row])).collect();
    let strings: Vec<Strings> = customers.iter().zip(&lifecycle).map(|(c, l)| Strings::of(c, l)).collect();

    let mut columns = vec![text("customer_id", &customers, |c| Some(c.id))];
    columns.extend(lifecycle::columns(&customers, &lifecycle));
    columns.extend(market::columns(&market));
    columns.extend(risk::columns(&risk));
    columns.extend(behaviour::columns(&customers, &behaviour));
    columns.extend(compound::columns(&compound));
    columns.extend(strings::columns(&strings));
    columns.extend(sentiment_shares(&customers));
    columns.push(measure("avg_monthly_margin", &risk, |r| r.as_ref().and_then(|r| if_known(r.avg_monthly_margin))));
    columns.push(measure("total_margin_2024", &risk, |r| r.as_ref().and_then(|r| if_known(r.total_margin))));
    columns.push(code("churn", &customers, |c| c.churn));
    table(customers.len(), columns)
}

fn sentiment_shares(customers: &[Customer<'_>]) -> [Column; 3] {
    [
        measure("sentiment_neg", customers, |c| c.sentiment_neg),
        measure("sentiment_neu", customers, |c| c.sentiment_neu),
        measure("sentiment_pos", customers, |c| c.sentiment_pos),
    ]
}
