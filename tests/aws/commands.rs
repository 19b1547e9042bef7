//! The commands of a person: what is missing is said at once, and the way back to an earlier champion is
//! one command that leaves a trace.

use serde_json::Value;

use super::permissions::{calls_in, operations_of};
use super::site::AwsSite;
use support::aws::{Emulators, Queue};
use support::home::folder;
use support::{A_RUN, LENIENT, Site, eventually, spanishgas, spanishgas_with, text};

#[test]
fn all_that_is_missing_is_said_at_once() {
    let config = folder("config");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/../configs/aws.yaml"), config.path().join("aws.yaml")).unwrap();
    std::fs::write(config.path().join("pipeline.yaml"), "slice_mib: many\n").unwrap();
    std::fs::write(config.path().join("models.yml"), "train: {}\n").unwrap();
    let config = config.path().to_str().expect("a UTF-8 path");
    let nothing = [("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_CONFIG_FILE", "/dev/null")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let checked = spanishgas_with(None, &["config", "check", "--profile", "aws", "--config", config], &nothing);
    assert_eq!(checked.code, Some(1), "{checked:#?}");
    let named = [
        "models.yml (is it model.yaml?)",
        "pipeline.yaml",
        "training.image",
        "training.role_arn",
        "registry.model_package_group",
        "alerts.topic_arn",
        "s3://BUCKET/PREFIX",
        "no region",
        "no credentials",
    ];
    for name in named {
        assert!(checked.stdout.contains(name), "{name} in\n{}", checked.stdout);
    }
}

#[test]
fn complete_settings_pass_and_the_account_is_reached() {
    let site = AwsSite::new(LENIENT);
    let checked = site.command(&["config", "check", "--connect"]);
    assert_eq!(checked.code, Some(0), "{checked:#?}");
    assert!(checked.stdout.contains("7 raw files") && !checked.stdout.contains("problem"), "{}", checked.stdout);
    let beyond: Vec<_> =
        calls_in(&checked.stderr).into_iter().filter(|call| !operations_of("operator").contains(call)).collect();
    assert!(beyond.is_empty(), "called and not listed for the operator: {beyond:?}");
}

#[test]
fn the_settings_may_come_as_a_text_where_there_is_no_folder() {
    let site = AwsSite::new(LENIENT);
    let check = |yaml: String| site.command_without_settings(&["config", "check", "--connect"], &yaml);
    let checked = check(site.settings());
    assert_eq!(checked.code, Some(0), "{checked:#?}");
    let wrong = check(site.settings().replace("topic_arn", "topic"));
    assert_eq!(wrong.code, Some(1), "{wrong:#?}");
    assert!(wrong.stdout.contains("aws.yaml") && wrong.stdout.contains("topic"), "{}", wrong.stdout);
}

#[test]
fn what_would_fail_after_hours_is_found_by_looking() {
    let site = AwsSite::new(LENIENT);
    let settings = site.settings();
    let here = "eu-west-1";
    let whole = site.check(&settings, here);
    assert_eq!(whole.code, Some(0), "{whole:#?}");
    let queue = Queue::create();
    let with_queue = site.check(&format!("events_queue: {}\n{settings}", queue.url()), here);
    assert!(with_queue.stdout.contains("ok       queue of events"), "{with_queue:#?}");

    let group = format!("model_package_group: {}", site.group);
    let topic = settings.lines().find_map(|line| line.split('\'').nth(1)).expect("the topic's ARN");
    let changed = [
        (settings.replace(&group, "model_package_group: no-such-group"), here, ["no-such-group", "does not exist"]),
        (settings.replace(topic, &format!("{topic}-gone")), here, ["GetTopicAttributes", "-gone"]),
        (settings.replace("eu-west-1.amazonaws", "us-east-1.amazonaws"), here, ["training.image", "us-east-1"]),
        (settings.replace("alias/output", "arn:aws:kms:us-east-1:1:key/x"), here, ["output_kms_key", "us-east-1"]),
        (settings.replace(":role/", ":user/"), here, ["training.role_arn", "role"]),
        (settings.replace("{ team: ", "{ 'aws:team': "), here, ["training.tags", "aws:"]),
        (settings.replace("poll_secs: 1", "instance_type: ml.m5.xlrage"), here, ["training.instance_type", "ml.m5"]),
        (settings.clone() + "metrics: { namespace: AWS/Churn }\n", here, ["metrics.namespace", "AWS/"]),
        (settings.clone() + "events_queue: raw-events\n", here, ["events_queue", "SQS"]),
        (settings.clone() + "events_queue: http://x/000000000000/gone\n", here, ["GetQueueAttributes", "gone"]),
    ];
    for (settings, region, named) in changed {
        let found = site.check(&settings, region);
        assert_eq!(found.code, Some(1), "{settings}\n{found:#?}");
        let problem = found.stdout.lines().find(|line| line.starts_with("problem")).expect("a problem");
        assert!(named.iter().all(|words| problem.contains(words)), "{named:?} in {problem}");
    }
}

#[test]
fn a_bucket_of_another_region_and_an_empty_one_are_named() {
    let site = AwsSite::new(LENIENT);
    // All but the bucket is where the settings say.
    let elsewhere = site.settings().replace("eu-west-1", "us-east-1");
    let found = site.check(&elsewhere, "us-east-1");
    assert_eq!(found.code, Some(1), "{found:#?}");
    let problem = found.stdout.lines().find(|line| line.contains("bucket")).expect("the bucket");
    assert!(problem.starts_with("problem") && problem.contains("the bucket is in eu-west-1"), "{}", found.stdout);

    let empty = Emulators::shared().new_bucket();
    let found = site.command_at(&format!("s3://{empty}/churn"), &["config", "check", "--connect"]);
    assert_eq!(found.code, Some(1), "{found:#?}");
    assert!(found.stdout.contains("has no file below raw/"), "{}", found.stdout);
}

#[test]
fn a_run_is_started_from_a_shell_under_the_id_of_its_data() {
    let site = AwsSite::new(LENIENT);
    // The lake's first worker gives it its identity; an operator may not.
    eventually("the worker has noted its settings", A_RUN, || (!site.keys("settings/").is_empty()).then_some(()));
    // A date of its own: another test gives the same data its ID on the same server.
    let ran =
        site.command(&["run", "--mode", "train", "--as-of", "2024-12-30", "--json", "--task-queue", site.queue()]);
    let result = ran.json();
    assert!(text(&result["workflow_id"]).starts_with("churn-pipeline-train-2024-12-30-"), "{result:#}");
    let listed = site.command(&["models", "list"]);
    let version = text(&result["model"]["version"]);
    assert!(listed.stdout.contains(version) && listed.stdout.contains("champion"), "{}", listed.stdout);
    let calls = calls_in(&(ran.stderr + &listed.stderr));
    assert!(calls.is_subset(&operations_of("operator")), "{calls:?}");
}

#[test]
fn an_earlier_champion_comes_back_by_one_command_and_scores() {
    let site = Site::new(LENIENT);
    let first = site.train(&[]);
    let second = site.train(&["--experiment", "E4_add_sentiment"]);
    let (first, second) = (text(&first["model"]["version"]), text(&second["model"]["version"]));
    assert_eq!(site.lake.json("models/champion.json")["version"], second);

    let lake = site.lake.path().to_str().expect("a UTF-8 path");
    let back =
        ["models", "rollback", first, "--by", "ana", "--reason", "offers went wrong", "--direct", "--lake", lake];
    let rolled = spanishgas(None, &back);
    assert_eq!(rolled.code, Some(0), "{rolled:#?}");
    let pointer = site.lake.json("models/champion.json");
    assert_eq!((text(&pointer["version"]), text(&pointer["by_hand"]["by"])), (first, "ana"));
    assert_eq!(pointer["previous"], second);
    let moves: Vec<Value> = site.lake.keys(&["models/moves"]).iter().map(|key| site.lake.json(key)).collect();
    assert_eq!((moves.len(), &moves[2]), (3, &pointer), "two promotions and the way back");
    assert_eq!(text(&site.score(&[])["champion"]), first);
    let again = spanishgas(None, &back);
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("champion already"), "{}", again.stderr);
}
