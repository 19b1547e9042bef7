//! Whether a challenger may become champion, and the card that tells people about it.

pub(in crate::model) mod card;
pub(in crate::model) mod check;
pub(in crate::model) mod check_name;
mod checks;
pub(in crate::model) mod gate;
pub(in crate::model) mod settings;
#[cfg(test)]
mod simulation;
