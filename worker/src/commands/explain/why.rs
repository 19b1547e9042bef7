//! Why a stage of a finished run ran or was skipped.

use lake::StageManifest;
use lake::documents::RunRecord;
use protocol::Reuse;
use protocol::RunId;
use protocol::pipeline::{PipelineInput, RunError, StageName};
use protocol::progress::StageResult;

use crate::lineage::Manifests;

/// Whether the input of a run said that a stage runs whatever is stored.
pub fn was_forced(record: &RunRecord, stage: StageName) -> bool {
    let input = record.input.clone().and_then(|input| serde_json::from_value::<PipelineInput>(input).ok());
    input.is_some_and(|input| input.reuse(stage) == Reuse::Nothing)
}

/// The reason, in words. `error` is what the run failed of, `own` the stage's manifest, `before` are the runs before, the
/// newest first.
pub fn why(
    stage: &StageResult<StageName>,
    forced: bool,
    error: Option<&RunError>,
    own: Option<&StageManifest>,
    before: &[(RunId, Manifests)],
) -> String {
    if stage.skipped {
        return stage.reason.clone().unwrap_or_else(|| "nothing was to be done".to_owned());
    }
    if let Some(damage) = stage.repaired() {
        return format!("it was damaged and was made again: {damage}");
    }
    if let Some(reason) = stage.failed() {
        let message = error.filter(|error| error.error_type == reason).map(|error| format!(": {}", error.message));
        return format!("failed: {reason}{}", message.unwrap_or_default());
    }
    match stage.name {
        StageName::Raw => return "the raw files are looked at by every run".to_owned(),
        StageName::Gate => return "the verdict was new".to_owned(),
        StageName::Publish => return "the results were newer than what was published".to_owned(),
        _ if forced => return "forced: the run was started so".to_owned(),
        _ => {}
    }
    let Some(own) = own else {
        return "its manifest is gone: what it was made of is not known any more".to_owned();
    };
    let Some((run, last)) = before.iter().find_map(|(run, stages)| Some((run, stages.get(&stage.name)?))) else {
        return "no run before it on record has one".to_owned();
    };
    let differences: Vec<_> = own.spec.differences(&last.spec).iter().map(ToString::to_string).collect();
    match differences.as_slice() {
        [] => format!("it was not there any more (the same as in run {run})"),
        differences => format!("{} (compared with run {run})", differences.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lake::StageSpec;
    use lake::keys::TopFolder;
    use serde_json::json;

    use super::*;

    fn stage(name: StageName, skipped: bool, reason: Option<&str>) -> StageResult<StageName> {
        let reason = reason.map(str::to_owned);
        StageResult { name, seconds: 1.0, rows: 1, skipped, reason, outputs: BTreeMap::new() }
    }

    fn manifest(code_version: u32) -> StageManifest {
        let (layer, stage) = (TopFolder::Gold, "gold_master".to_owned());
        let spec = StageSpec { layer, stage, code_version, inputs: BTreeMap::new(), settings: json!({}) };
        StageManifest { spec, made_by: "w".into(), outputs: BTreeMap::new(), rows: 1 }
    }

    #[test]
    fn a_stage_that_ran_is_compared_with_the_newest_run_that_has_one() {
        let ran = stage(StageName::Gold, false, None);
        let before = [
            (RunId::new("without"), Manifests::new()),
            (RunId::new("with"), Manifests::from([(StageName::Gold, manifest(1))])),
        ];
        let of = |forced, own: Option<u32>, before: &[(RunId, Manifests)]| {
            why(&ran, forced, None, own.map(manifest).as_ref(), before)
        };
        assert_eq!(of(false, Some(2), &before), "code version 2, was 1 (compared with run with)");
        assert!(of(false, Some(1), &before).starts_with("it was not there any more"));
        assert!(of(false, Some(1), &[]).starts_with("no run before it"));
        assert!(of(false, None, &before).contains("manifest is gone"));
        assert!(of(true, Some(1), &before).starts_with("forced"));
    }

    #[test]
    fn what_the_run_itself_said_comes_first() {
        let skipped = stage(StageName::Gold, true, Some("unchanged since run w"));
        let said = |stage: &StageResult<StageName>| why(stage, true, None, None, &[]);
        assert_eq!(said(&skipped), "unchanged since run w");
        let repaired = stage(StageName::Gold, false, Some("made again: x had SHA-256 y"));
        assert!(said(&repaired).contains("was damaged and was made again: x had"));
        assert!(said(&stage(StageName::Raw, false, None)).contains("by every run"));
    }

    #[test]
    fn a_stage_that_failed_says_of_what() {
        let failed = stage(StageName::Gold, false, Some("SG0001 BadData"));
        let error_type = "SG0001 BadData".to_owned();
        let error = RunError { error_type, message: "stage gold: a key twice".to_owned() };
        assert_eq!(
            why(&failed, false, Some(&error), None, &[]),
            "failed: SG0001 BadData: stage gold: a key twice",
            "nothing was repaired"
        );
        assert_eq!(why(&failed, false, None, None, &[]), "failed: SG0001 BadData");
        let stopped = stage(StageName::Train, false, Some("cancelled"));
        assert_eq!(why(&stopped, false, None, None, &[]), "failed: cancelled");
    }
}
