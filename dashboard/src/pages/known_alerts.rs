//! Who knows of an alert, in the tables of alerts; operators may say that they do.

use super::operate::Act;
use crate::data::{KnownTo, ListedAlert};
use crate::frame::Cell;
use crate::server::Visit;
use crate::words::Word;

/// Whoever knows of it; else, for an operator, the way to say so.
pub fn cell(visit: &Visit, listed: &ListedAlert) -> Cell {
    match &listed.known {
        KnownTo::Somebody(known) => Cell::quiet(visit.language.fill(Word::RunKnownTo, &[("by", &known.by)])),
        KnownTo::Unreadable => Cell::quiet(visit.format().unknown(visit.language.say(Word::BannerKnownTorn))),
        KnownTo::Nobody if visit.person.is_operator() => {
            let href = Act::Acknowledge.href(&visit.query, &listed.alert.event_id);
            Cell::link(visit.language.say(Word::RunAcknowledge), href)
        }
        KnownTo::Nobody => Cell::default(),
    }
}
