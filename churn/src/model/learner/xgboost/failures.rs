//! What XGBoost could not do, in our words, with what to do about it.

use xgboost_rs::XGBError;

use crate::error::{Error, Result};

/// What to do about trees that were just fitted. Nobody's data are to blame, and the same fit gives the same trees.
pub(super) const ADVICE_ON_A_FIT: &str = "this is a bug, or the program was built with another XGBoost: training again ends here \
     too, so go back to the program of before, and report it";
/// What to do about trees that may come from a file.
pub(super) const ADVICE_ON_A_MODEL: &str = "the model is damaged, or the program was built with another XGBoost: train again or roll \
     back to another version; if that ends here too, go back to the program of before, and report it";

/// Refuses another number of values than were asked for.
pub(super) fn expect_len(doing: &'static str, got: usize, wanted: usize) -> Result<()> {
    if got == wanted {
        return Ok(());
    }
    Err(Error::model(
        doing,
        format!("XGBoost returned {got} values instead of {wanted}; was the model trained on other columns?"),
    ))
}

/// What XGBoost says of something that it could not do.
pub(super) fn failed(doing: &'static str) -> impl FnOnce(XGBError) -> Error {
    move |error| Error::model(doing, in_a_line(&error))
}

/// The same, with what to do about it.
pub(super) fn advised(doing: &'static str, what_to_do: &'static str) -> impl FnOnce(XGBError) -> Error {
    move |error| Error::model(doing, format!("{}; {what_to_do}", in_a_line(&error)))
}

/// The first line of XGBoost's message: the rest is a C++ stack trace.
fn in_a_line(error: &XGBError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
