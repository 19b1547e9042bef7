//! What people hear of a change by hand.

use protocol::AlertKind;
use protocol::model_admin::{Administered, ModelAction};

use crate::run::Event;

/// What is told of a change.
pub fn news(change: &Administered) -> Event {
    let Administered { action, version, by, reason, .. } = change;
    let before = change.champion_before.as_ref().map_or_else(|| "nobody".to_owned(), ToString::to_string);
    let (kind, subject, what) = match action {
        ModelAction::Promote => (
            AlertKind::ChampionMoved,
            format!("model {version} promoted by hand"),
            format!("It follows {before}, and scores from the next run on."),
        ),
        ModelAction::Rollback => (
            AlertKind::ChampionMoved,
            format!("rollback to model {version}"),
            format!(
                "Model {before} is withdrawn until somebody reinstates it, and sets no bar for other models meanwhile. \
                 {version} scores from the next run on."
            ),
        ),
        ModelAction::Withdraw => (
            AlertKind::ModelWithdrawn,
            format!("model {version} withdrawn"),
            "No run promotes it until somebody reinstates it, and it sets no bar for other models meanwhile."
                .to_owned(),
        ),
        ModelAction::Reinstate => (
            AlertKind::ModelReinstated,
            format!("model {version} reinstated"),
            format!("It is {} again.", change.status),
        ),
    };
    let against = change.overrode.as_ref().map(|checks| format!(" It was promoted against its verdict: {checks}."));
    let body = format!("{what}{} By {by}: {reason}", against.unwrap_or_default());
    Event { kind, subject, body, features: Vec::new(), details: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(action: ModelAction) -> Administered {
        Administered {
            action,
            version: "new".into(),
            by: "ana".to_owned(),
            reason: "offers went wrong".to_owned(),
            at: "2024-12-31T08:00:00.000Z".to_owned(),
            champion_before: Some("old".into()),
            champion: Some("new".into()),
            number: Some(3),
            status: "Approved".to_owned(),
            overrode: None,
        }
    }

    #[test]
    fn people_hear_who_changed_what_and_why() {
        for (action, kind, words) in [
            (ModelAction::Promote, AlertKind::ChampionMoved, "It follows old"),
            (ModelAction::Rollback, AlertKind::ChampionMoved, "Model old is withdrawn"),
            (ModelAction::Withdraw, AlertKind::ModelWithdrawn, "No run promotes it"),
            (ModelAction::Reinstate, AlertKind::ModelReinstated, "It is Approved again"),
        ] {
            let event = news(&change(action));
            assert_eq!(event.kind, kind);
            assert!(event.subject.contains("new") && event.body.contains(words), "{event:?}");
            assert!(event.body.ends_with("By ana: offers went wrong"), "{event:?}");
        }
    }

    #[test]
    fn a_promotion_against_the_verdict_says_so() {
        let overrode = Some("pr_auc_floor: 0.61 is below 0.70".to_owned());
        let event = news(&Administered { overrode, ..change(ModelAction::Promote) });
        assert!(event.body.contains("against its verdict: pr_auc_floor: 0.61 is below 0.70"), "{event:?}");
    }
}
