//! Who knows of an alert, in the tables of alerts; operators may say that they do.

use super::operate::Act;
use crate::data::ListedAlert;
use crate::frame::Cell;
use crate::server::Visit;
use crate::words::Word;

/// Whoever knows of it; else, for an operator, the way to say so.
pub fn cell(visit: &Visit, listed: &ListedAlert) -> Cell {
    match &listed.known {
        Some(known) => Cell::quiet(visit.language.fill(Word::RunKnownTo, &[("by", &known.by)])),
        None if visit.person.is_operator() => {
            let href = Act::Acknowledge.href(&visit.query, &listed.alert.event_id);
            Cell::link(visit.language.say(Word::RunAcknowledge), href)
        }
        None => Cell::default(),
    }
}
