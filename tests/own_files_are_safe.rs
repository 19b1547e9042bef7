//! The demo never replaces raw files that it did not make, also not through a link, unless that is meant.

use std::path::Path;

use support::home::folder;
use support::{Finished, spanishgas};

fn demo(lake: &Path, extra: &[&str]) -> Finished {
    let lake = lake.to_str().expect("a UTF-8 path");
    spanishgas(None, &[&["demo", "--lake", lake, "--customers", "120", "--seed", "1"], extra].concat())
}

fn generate(out: &Path, extra: &[&str]) -> Finished {
    let out = out.to_str().expect("a UTF-8 path");
    spanishgas(None, &[&["generate-data", "--customers", "120", "--seed", "1", "--out", out], extra].concat())
}

#[test]
fn a_persons_files_behind_a_link_stay() {
    let (lake, real) = (folder("lake"), folder("real"));
    let (labels, raw) = (real.path().join("churn_label.csv"), lake.path().join("raw"));
    std::fs::write(&labels, "customer_id,churn\nC00001,0\n").expect("a raw file can be written");
    std::os::unix::fs::symlink(real.path(), &raw).expect("a link can be made");

    let refused = demo(lake.path(), &[]);
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    for part in ["churn_label.csv", "--overwrite", "--no-generate"] {
        assert!(refused.stderr.contains(part), "{part} is not in: {}", refused.stderr);
    }
    assert_eq!(std::fs::read_to_string(&labels).expect("it is there"), "customer_id,churn\nC00001,0\n");
    assert_eq!(std::fs::read_dir(real.path()).expect("a folder").count(), 1, "something was written beside it");
}

#[test]
fn generated_files_are_known_again_until_somebody_changes_them() {
    let out = folder("raw");
    assert_eq!(generate(out.path(), &[]).code, Some(0));
    let again = generate(out.path(), &[]);
    assert_eq!(again.code, Some(0), "{again:#?}");

    let prices = out.path().join("price_history.csv");
    std::fs::write(&prices, "corrected by hand").expect("a raw file can be written");
    let refused = generate(out.path(), &[]);
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    assert!(
        refused.stderr.contains("price_history.csv") && !refused.stderr.contains("churn_label.csv"),
        "{refused:#?}"
    );
    assert_eq!(std::fs::read_to_string(&prices).expect("it is there"), "corrected by hand");
    assert_eq!(generate(out.path(), &["--overwrite"]).code, Some(0));
    assert_ne!(std::fs::read_to_string(&prices).expect("it is there"), "corrected by hand");
}
