//! Which earlier champions set a bar for a challenger.

use crate::model::bundle::Bundle;
use crate::model::measure::comparison::same_holdout;

/// Why an earlier champion sets no bar for a challenger; nothing where it does.
///
/// It must have kept the same customers out of its training, else it has seen the answers. What is not known of its labels
/// is no reason: a bar that falls where something was not noted would wear down.
pub(super) fn sets_no_bar(challenger: &Bundle, earlier: &Bundle) -> Option<&'static str> {
    if !same_holdout(challenger, earlier) {
        return Some("it was trained with another split and may have seen these customers");
    }
    None
}
