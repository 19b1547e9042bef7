//! What people hear of a collection: a doubt, and nothing else.

use protocol::AlertKind;
use protocol::garbage_collection::GarbageLook;

use crate::run::Event;

/// What is told of a look.
pub fn news(look: &GarbageLook) -> Option<Event> {
    let GarbageLook { doubts, doubts_in_all, .. } = look;
    if *doubts_in_all == 0 {
        return None;
    }
    let further = doubts_in_all.saturating_sub(doubts.len() as u64);
    let further = if further == 0 { String::new() } else { format!("; and {further} more") };
    Some(Event {
        kind: AlertKind::GarbageDoubtful,
        subject: format!("stored outputs were not collected: {doubts_in_all} doubts"),
        body: format!(
            "{}{further}. No stored output is deleted while something is in doubt. Look at all of them with: spanishgas gc \
             --older-than 30.",
            doubts.join("; ")
        ),
        features: Vec::new(),
        details: doubts.clone(),
    })
}

#[cfg(test)]
mod tests {
    use protocol::garbage_collection::Heap;

    use super::*;

    #[test]
    fn only_a_doubt_is_news_with_the_first_ones_in_words() {
        let look = |doubts_in_all, doubts: &[&str]| GarbageLook {
            limit: String::new(),
            unreached: Heap { folders: 3, objects: 6, bytes: 10 },
            kept_reached: 1,
            kept_young: 1,
            runs_at_work: 1,
            doubts: doubts.iter().map(|&doubt| doubt.to_owned()).collect(),
            doubts_in_all,
        };
        assert_eq!(news(&look(0, &[])), None);
        let event = news(&look(3, &["published.json cannot be read", "b"])).unwrap();
        assert_eq!(event.kind, AlertKind::GarbageDoubtful);
        assert!(event.subject.ends_with("3 doubts"), "{event:?}");
        assert!(event.body.starts_with("published.json cannot be read; b; and 1 more. No stored output"), "{event:?}");
    }
}
