//! An activity that fails for the third time does not do so in silence: the run's progress, the Temporal UI
//! and `spanishgas run` say which attempt it is, and why.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use support::processes::training_below;
use support::{A_RUN, LENIENT, Settings, Site, TestServer, eventually, new_name, text};

#[test]
fn it_is_said_in_the_progress_and_by_the_command() {
    // A minute of training, unless somebody stops it.
    let site = Site::new(Settings { rounds: 20_000, ..LENIENT });
    let server = TestServer::shared();
    let scratch = site.scratch().to_str().expect("a UTF-8 path");
    let id = new_name("third");
    let ended = std::thread::scope(|scope| {
        let run = scope.spawn(|| site.run(&["--mode", "train", "--workflow-id", &id]));
        let mut killed = None;
        for _ in 0..3 {
            let training = eventually("training has started", A_RUN, || {
                training_below(scratch).filter(|pid| killed != Some(*pid))
            });
            kill(Pid::from_raw(training.cast_signed()), Signal::SIGKILL).expect("the training can be killed");
            killed = Some(training);
        }
        let line = eventually("the progress tells of the trouble", A_RUN, || {
            let stages = server.progress(&id)["stages"].as_array()?.clone();
            stages.into_iter().find(|stage| stage["trouble"].is_string())
        });
        assert_eq!(text(&line["name"]), "train");
        let trouble = text(&line["trouble"]);
        assert!(trouble.starts_with("attempt 3 of train_model: SG0013 TrainingInterrupted: "), "{trouble}");
        let metadata = server.temporal(&["workflow", "metadata", "--workflow-id", &id]).to_string();
        assert!(metadata.contains("attempt 3 of train_model"), "the UI does not show it: {metadata}");
        eventually("the fourth attempt has begun", A_RUN, || {
            training_below(scratch).filter(|pid| killed != Some(*pid))
        });
        eventually("the fourth attempt is told of", A_RUN, || {
            server.progress(&id).to_string().contains("attempt 4 of train_model: SG0013").then_some(())
        });
        server.temporal(&["workflow", "cancel", "--workflow-id", &id]);
        assert_eq!(server.await_end(&id, Duration::from_mins(1)), "CANCELED");
        run.join().expect("the run ends")
    });
    assert!(ended.stderr.contains("attempt 4 of train_model, after: SG0013 TrainingInterrupted"), "{ended:#?}");
    assert!(!ended.stderr.contains("attempt 2 of"), "a second attempt is nothing to tell: {ended:#?}");
    assert!(site.log().contains("an activity is tried again and again"), "{}", site.log());
}
