//! A collection of garbage begins to delete, in the very moment in which a run publishes, what the run has found or made: the
//! pointer does not stay on it. The run sees it, goes back, makes it again, and says so.

use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::site::AwsSite;
use support::aws::{Fault, Misdeed};
use support::{A_RUN, LENIENT, TestServer, text};

/// So long the pointer takes to move: time enough to delete an object.
const MOVES_FOR: Duration = Duration::from_secs(2);

#[test]
fn what_goes_while_the_pointer_moves_is_made_again() {
    let site = AwsSite::new(LENIENT);
    let (moves, hears) = channel();
    let moves = Mutex::new(moves);
    site.proxy.inject(Fault::new(Misdeed::Slow(MOVES_FOR), 1, move |seen| {
        let is_it = seen.method == "PUT" && seen.path.ends_with("/published.json");
        if is_it {
            // Nobody listens any more where the pointer moves a second time.
            let _ = moves.lock().expect("no holder panics").send(());
        }
        is_it
    }));
    let id = site.start(r#"{"mode":"train"}"#);
    hears.recv_timeout(A_RUN).expect("the run publishes");
    // As a collection does it: the manifest goes first.
    let manifests: Vec<_> =
        site.keys("scored/scores/").into_iter().filter(|key| key.ends_with("/manifest.json")).collect();
    let [manifest] = manifests.as_slice() else { panic!("one stage of scores: {manifests:?}") };
    let manifest = manifest.strip_prefix("churn/").expect("a key of the lake");
    site.delete(manifest);

    let result = TestServer::shared().result(&id);
    assert_eq!(text(&result["outcome"]), "promoted", "by this very run: {result:#}");
    let repairs = result["repairs"].as_array().expect("what was made again is named");
    assert!(repairs.iter().any(|repair| text(repair).contains(manifest)), "{repairs:?}");
    assert!(site.find(manifest).is_some(), "the stage is whole again");
    let published = site.json("published.json");
    assert_eq!(published["run_id"], result["run_id"]);
    for output in published["outputs"].as_object().expect("outputs").values() {
        let bytes = site.find(text(&output["key"])).unwrap_or_else(|| panic!("published.json names {output}"));
        assert_eq!(protocol::Digest::of(&bytes).as_str(), text(&output["digest"]));
    }
    let kinds: Vec<_> = site.letters(2).into_iter().map(|letter| letter.attributes["kind"].clone()).collect();
    assert!(kinds.iter().any(|kind| kind == "table_repaired"), "{kinds:?}");
}
