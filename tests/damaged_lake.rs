//! Objects of the lake that are gone or garbled: what can be made again is made again, and the run says
//! so; for the rest the run fails for good and names the key.

use support::history::{failure, retried_activities};
use support::{A_RUN, LENIENT, Site, TestServer, text};

fn fails(site: &Site, error: &str, key: &str) {
    let id = site.start(Some(r#"{"mode":"score"}"#));
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED", "{key}");
    let failure = failure(&id);
    assert_eq!(failure.type_name, error, "{}", failure.message);
    assert!(failure.message.contains(key), "the message does not name {key}: {}", failure.message);
    assert_eq!(retried_activities(&id), 0, "{key}: it cannot come back by itself");
}

#[test]
fn a_lost_table_is_made_again_and_a_lost_or_garbled_pointer_is_named() {
    let site = Site::new(LENIENT);
    let trained = site.train(&[]);
    let gold = text(&trained["stages"][4]["outputs"]["gold_master"]).to_owned();
    let content = site.lake.find(&gold);

    for lost in [gold.clone(), gold.replace("gold_master.parquet", "manifest.json")] {
        std::fs::write(site.lake.at(&lost), "{").unwrap();
        let scored = site.score(&[]);
        assert_eq!(text(&scored["outcome"]), "scored");
        let reason = text(&scored["stages"][4]["reason"]);
        assert!(reason.starts_with("made again: ") && reason.contains(&lost), "{reason}");
        assert_eq!(site.lake.find(&gold), content);
    }
    std::fs::remove_file(site.lake.at(&gold)).unwrap();
    let reason = text(&site.score(&[])["stages"][4]["reason"]).to_owned();
    assert!(reason.starts_with("made again: ") && reason.contains("has nothing"), "{reason}");
    assert_eq!(site.lake.find(&gold), content);

    let evaluation = format!("models/{}/evaluation.json", text(&trained["champion"]));
    let kept = site.lake.find(&evaluation).unwrap();
    std::fs::remove_file(site.lake.at(&evaluation)).unwrap();
    assert_eq!(site.score(&[])["model"]["metrics"], trained["model"]["metrics"], "it was a copy");
    std::fs::remove_dir_all(site.lake.at("evaluated")).unwrap();
    fails(&site, "SG0029 TableDamaged", &evaluation);
    std::fs::write(site.lake.at(&evaluation), kept).unwrap();

    let model = format!("models/{}", text(&trained["champion"]));
    std::fs::rename(site.lake.at(&model), site.lake.at("models/away")).unwrap();
    fails(&site, "SG0008 MissingObject", &model);
    std::fs::rename(site.lake.at("models/away"), site.lake.at(&model)).unwrap();

    std::fs::write(site.lake.at("models/champion.json"), "garbled").unwrap();
    fails(&site, "SG0011 UnreadableObject", "models/champion.json");
}
