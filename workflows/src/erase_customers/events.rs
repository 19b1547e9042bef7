//! What people hear of an erasure that came to its end. A key may hold the ID of a customer: keys are counted, and the
//! certificate has them.

use protocol::AlertKind;
use protocol::erasure::ErasureReport;

use crate::run::Event;

/// What is told of an erasure; nothing where nothing was there to do.
pub fn news(report: &ErasureReport) -> Option<Event> {
    if report.is_nothing() {
        return None;
    }
    let ErasureReport { request, certificate, customers, rewritten, deleted, versions, .. } = report;
    if report.names_nobody() {
        return Some(Event {
            kind: AlertKind::CustomersErased,
            subject: format!("{customers} customers are kept out, and nothing named them: request {request}"),
            body: format!(
                "They may be no customers of this lake, or an ID is not right. The certificate is {certificate}."
            ),
            features: Vec::new(),
            details: Vec::new(),
        });
    }
    let is_whole = report.left == 0;
    let ending = if is_whole { "" } else { ", and something is left" };
    let mut sentences = vec![format!(
        "{rewritten} files were written anew, {deleted} stored outputs deleted, {versions} older versions removed. The \
         certificate is {certificate}."
    )];
    if !is_whole {
        let left = report.left;
        sentences.push(format!("{left} objects name one of them still: a person must look, the certificate says why."));
    }
    if !report.unpublished.is_empty() {
        sentences.push("Nothing is published any more; to score: spanishgas run --mode score.".to_owned());
    }
    match (report.learned.len(), &report.retrain) {
        (0, _) => {}
        (models, None) => sentences.push(format!("{models} models learned from them, or may have.")),
        (models, Some(run)) => {
            sentences.push(format!("{models} models learned from them, or may have; run {run} trains a new one."));
        }
    }
    Some(Event {
        kind: AlertKind::CustomersErased,
        subject: format!("{customers} customers erased{ending}: request {request}"),
        body: sentences.join(" "),
        features: Vec::new(),
        details: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use protocol::erasure::RequestId;

    use super::*;

    fn report() -> ErasureReport {
        ErasureReport {
            request: RequestId::of(7),
            certificate: "erasure/certificates/x.json".to_owned(),
            customers: 2,
            new_tombstones: 2,
            rewritten: 7,
            raw_rows: 900,
            deleted: 12,
            versions: 30,
            unpublished: Vec::new(),
            left: 0,
            learned: Vec::new(),
            scored: None,
            retrain: None,
            undelivered_alerts: Vec::new(),
        }
    }

    #[test]
    fn people_hear_how_much_was_done_and_where_it_is_certified() {
        let event = news(&report()).unwrap();
        assert_eq!(event.kind, AlertKind::CustomersErased);
        assert!(event.subject.starts_with("2 customers erased: request "), "{event:?}");
        assert!(event.body.starts_with("7 files were written anew, 12 stored outputs deleted, 30 older"), "{event:?}");
        assert!(event.body.ends_with("erasure/certificates/x.json."), "{event:?}");
        assert!(event.subject.len() <= 100 && event.subject.is_ascii());
    }

    #[test]
    fn what_a_person_must_look_at_is_counted() {
        let report = ErasureReport {
            left: 1,
            unpublished: vec!["published.json".to_owned()],
            learned: vec!["old".into()],
            retrain: Some("erase-customers-7-train".into()),
            ..report()
        };
        let event = news(&report).unwrap();
        assert!(event.subject.contains("something is left"), "{event:?}");
        for words in ["1 objects name one of them still", "Nothing is published", "run erase-customers-7-train trains"]
        {
            assert!(event.body.contains(words), "{words}: {event:?}");
        }
    }

    #[test]
    fn customers_whom_nothing_names_are_kept_out_and_not_said_to_be_erased() {
        let event = news(&ErasureReport { rewritten: 0, deleted: 0, ..report() }).unwrap();
        assert!(event.subject.starts_with("2 customers are kept out"), "{event:?}");
        assert!(event.body.contains("an ID is not right") && event.subject.len() <= 100, "{event:?}");
    }

    #[test]
    fn nothing_to_do_is_no_news() {
        assert_eq!(news(&ErasureReport { new_tombstones: 0, rewritten: 0, deleted: 0, ..report() }), None);
    }
}
