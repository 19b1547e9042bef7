//! A job on spare capacity loses its machine and goes on from its checkpoints on another one.

use super::training_job::{SOON, Stage, course};
use support::aws::Emulators;
use support::eventually;

/// The first start writes a checkpoint and waits; the second finds it and ends.
const SCRIPT: &str = "if [ -e checkpoints/deep/round ]; then cp checkpoints/deep/round model/; exit 0; fi; \
    mkdir checkpoints/deep; echo 7 > checkpoints/deep/round; touch model/half; echo saved; exec sleep 600";

#[tokio::test]
async fn an_interrupted_job_goes_on_from_its_checkpoints() {
    let stage = Stage::new().await;
    let name = stage.create(Some(SCRIPT)).await;
    eventually("a checkpoint is there", SOON, || stage.part.log(&name).contains("saved").then_some(()));
    let first = stage.part.await_process(&name);
    stage.part.interrupt(&name);
    let job = stage.ended(&name).await;
    assert_eq!(job.training_job_status().map(AsRef::as_ref), Some("Completed"));
    let [training, interrupted] = ["Training", "Interrupted"];
    let twice = ["Starting", "Downloading", training, interrupted, "Starting", "Downloading", training];
    assert_eq!(course(&job), [&twice[..], &["Uploading", "Completed"]].concat());
    assert!(!support::processes::is_running(first));

    let s3 = Emulators::shared().s3().await;
    let kept = s3.get_object().bucket(&stage.bucket).key(format!("checkpoints/{name}/deep/round")).send().await;
    let kept = kept.expect("checkpoints are in S3").body.collect().await.expect("it can be read");
    assert_eq!(&*kept.into_bytes(), b"7\n");
}
