//! The end: a certificate of what was done, and the request, with whose IDs it could be done again, is gone.

use chrono::{SecondsFormat, Utc};
use lake::documents::{Certificate, ErasureNotes, ErasureRequest};
use lake::{Lake, keys};
use protocol::erasure::{CertifyErasure, ErasureReport};

use super::begin::wanted;
use crate::error::Result;
use crate::steps::Environment;

/// Writes the certificate, then removes request and notes. A second attempt answers what the first one certified.
#[expect(clippy::disallowed_methods, reason = "the moment of an erasure is a fact, not a computation")]
pub async fn certify_erasure(environment: &Environment, request: CertifyErasure) -> Result<ErasureReport> {
    let lake = &environment.lake;
    let id = &request.request;
    let key = keys::certificate(id.as_str());
    let certificate = match lake.get_json::<Certificate>(&key).await? {
        Some((certificate, _)) if certificate.run_id == request.run.run_id => certificate,
        _ => {
            let done_at = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
            let certificate = certificate(lake, &request, done_at).await?;
            lake.put_json(&key, &certificate).await?;
            certificate
        }
    };
    ErasureRequest::remove(lake, id).await?;
    ErasureNotes::remove(lake, id).await?;
    Ok(report(key, certificate))
}

async fn certificate(lake: &Lake, request: &CertifyErasure, done_at: String) -> Result<Certificate> {
    let ErasureRequest { by, reason, at, .. } = wanted(lake, &request.request).await?;
    let notes = ErasureNotes::find(lake, &request.request).await?;
    Ok(Certificate {
        request: request.request.clone(),
        by,
        reason,
        asked_at: at,
        done_at,
        run_id: request.run.run_id.clone(),
        workflow_id: request.run.workflow_id.clone(),
        customers: request.begun.customers,
        new_tombstones: notes.new_tombstones,
        done: notes.done,
        left: notes.left,
        outside: notes.outside,
        learned: notes.learned,
        retrain: request.retrain,
    })
}

fn report(key: String, certificate: Certificate) -> ErasureReport {
    let Certificate { request, customers, new_tombstones, done, left, learned, .. } = certificate;
    ErasureReport {
        request,
        certificate: key,
        customers,
        new_tombstones,
        rewritten: done.rewritten_count(),
        raw_rows: done.raw_rows,
        deleted: done.deleted_count(),
        versions: done.versions,
        unpublished: done.unpublished,
        left: left.len(),
        learned: learned.into_iter().map(|model| model.version).collect(),
        scored: None,
        retrain: None,
        undelivered_alerts: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lake::documents::{ErasureCounts, LearnedModel};
    use protocol::erasure::RequestId;

    use super::*;

    #[test]
    fn the_answer_counts_what_the_certificate_names() {
        let mut done = ErasureCounts { raw_rows: 3, ..ErasureCounts::default() };
        done.rewrote("raw/churn_label.csv");
        done.deleted("gold/gold_master/0123456789ab/");
        let certificate = Certificate {
            request: RequestId::of(7),
            by: "ana".to_owned(),
            reason: "asked for it".to_owned(),
            asked_at: String::new(),
            done_at: String::new(),
            run_id: "run".into(),
            workflow_id: "workflow".into(),
            customers: 1,
            new_tombstones: 1,
            done,
            left: BTreeMap::from([("raw/read_me.txt".to_owned(), "no rule".to_owned())]),
            outside: BTreeMap::new(),
            learned: vec![LearnedModel { version: "old".into(), is_champion: true }],
            retrain: false,
        };
        let report = report("erasure/certificates/x.json".to_owned(), certificate);
        assert_eq!((report.rewritten, report.raw_rows, report.deleted), (1, 3, 1));
        assert_eq!((report.left, report.learned.len()), (1, 1));
        assert!(!report.is_nothing());
    }
}
