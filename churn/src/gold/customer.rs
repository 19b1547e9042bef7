//! One row of `silver_customer`, as far as features are made of it.

use chrono::NaiveDate;
use polars::prelude::DataFrame;

use crate::columns::{complete, dates, integers, measures, sorted_by_key, texts};
use crate::error::Result;

/// What is known of a customer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Customer<'a> {
    pub(super) id: &'a str,
    pub(super) churn: Option<i32>,
    pub(super) segment: Option<&'a str>,
    pub(super) sales_channel: Option<&'a str>,
    pub(super) is_high_competition_province: Option<i32>,
    pub(super) is_second_residence: Option<i32>,
    pub(super) first_activation: Option<NaiveDate>,
    pub(super) last_product_change: Option<NaiveDate>,
    pub(super) next_renewal: Option<NaiveDate>,
    /// The date of the most recent interaction.
    pub(super) interaction: Option<NaiveDate>,
    /// 1, or null for a customer without an interaction.
    pub(super) has_interaction: Option<i32>,
    pub(super) intent: Option<&'a str>,
    pub(super) sentiment_label: Option<&'a str>,
    pub(super) sentiment_neg: Option<f64>,
    pub(super) sentiment_neu: Option<f64>,
    pub(super) sentiment_pos: Option<f64>,
}

/// `silver_customer` sorted by its key; a repeated customer is an error.
pub(super) fn sorted(silver_customer: &DataFrame) -> Result<DataFrame> {
    sorted_by_key("silver_customer", silver_customer, ["customer_id"])
}

/// The rows of `silver_customer`, in its order.
pub(super) fn read(silver_customer: &DataFrame) -> Result<Vec<Customer<'_>>> {
    let text = |name| texts(silver_customer, name);
    let code = |name| integers(silver_customer, name);
    let date = |name| dates(silver_customer, name);
    let measure = |name| measures(silver_customer, name);

    let id = complete("silver_customer", "customer_id", text("customer_id")?)?;
    let (churn, has_interaction) = (code("churn")?, code("has_interaction")?);
    let (segment, sales_channel) = (text("segment")?, text("sales_channel")?);
    let is_high_competition_province = code("is_high_competition_province")?;
    let is_second_residence = code("is_second_residence")?;
    let first_activation = date("customer_first_activation_date")?;
    let last_product_change = date("last_product_change_date")?;
    let (next_renewal, interaction) = (date("next_renewal_date")?, date("date")?);
    let (intent, sentiment_label) = (text("customer_intent")?, text("sentiment_label")?);
    let sentiment_neg = measure("sentiment_neg")?;
    let sentiment_neu = measure("sentiment_neu")?;
    let sentiment_pos = measure("sentiment_pos")?;

    let customer = |row: usize| Customer {
        id: id[row],
        churn: churn[row],
        segment: segment[row],
        sales_channel: sales_channel[row],
        is_high_competition_province: is_high_competition_province[row],
        is_second_residence: is_second_residence[row],
        first_activation: first_activation[row],
        last_product_change: last_product_change[row],
        next_renewal: next_renewal[row],
        interaction: interaction[row],
        has_interaction: has_interaction[row],
        intent: intent[row],
        sentiment_label: sentiment_label[row],
        sentiment_neg: sentiment_neg[row],
        sentiment_neu: sentiment_neu[row],
        sentiment_pos: sentiment_pos[row],
    };
    Ok((0..id.len()).map(customer).collect())
}
