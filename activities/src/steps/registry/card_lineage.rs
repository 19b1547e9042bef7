//! What a model card says of where the model comes from: the table, the run that judged it, and where the rest is on record.

use std::fmt::Write;

use churn::markdown::cell;
use churn::model::CardSection;
use lake::{Lake, MODEL_FILES, StageManifest, keys};
use protocol::Digest;
use protocol::steps::ApplyVerdict;

use crate::error::Result;

/// The content of the table that the model was measured on, which is the one that it was trained on; nothing where the manifest
/// of the evaluation cannot be read.
pub(super) async fn measured_on(lake: &Lake, request: &ApplyVerdict) -> Result<Option<Digest>> {
    let manifest = lake.get(&keys::manifest_beside(&request.evaluation.key)).await?;
    let manifest = manifest.and_then(|(bytes, _)| StageManifest::open(&bytes).ok());
    Ok(manifest.and_then(|manifest| manifest.spec.inputs.get("gold_master").cloned()))
}

/// The section; `revision` is the program's.
pub(super) fn section(request: &ApplyVerdict, gold: Option<&Digest>, revision: &str) -> CardSection {
    let ApplyVerdict { run, version, evaluation, .. } = request;
    let gold = gold.map_or_else(|| "not known any more".to_owned(), |digest| format!("SHA-256 `{digest}`"));
    let mut text = format!("## Where it comes from\n\n| what | which |\n|---|---|\n| table `gold_master` | {gold} |\n");
    if let Some(as_of) = request.as_of {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| it looks from | {as_of} |");
    }
    let files = keys::model_file(version, MODEL_FILES);
    let (record, lineage) = (keys::run_record(&run.run_id), keys::open_lineage(&run.run_id));
    let _ = writeln!(
        text,
        "| judged by | workflow `{}`, run `{}`, started {} |\n\
         | program | {} |\n\
         | evaluation | `{}`, SHA-256 `{}` |\n\
         | files of the model | `{files}` names each with its SHA-256 |\n\n\
         The raw files with their digests and every stage between them and the model are in `{record}` and `{lineage}`; \
         `spanishgas explain {}` says it in words.",
        cell(&run.workflow_id),
        run.run_id,
        run.started,
        cell(revision),
        evaluation.key,
        evaluation.digest,
        run.run_id
    );
    CardSection::text(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lake::keys::TopFolder;
    use lake::{FolderLake, Made, StageSpec};
    use serde_json::json;

    use super::*;
    use crate::registry::request_for_tests;

    #[tokio::test]
    async fn a_card_names_the_table_the_run_and_where_the_rest_is_on_record() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let mut request = request_for_tests("this", "new", None, true);
        assert_eq!(measured_on(&lake, &request).await.unwrap(), None);
        let text = section(&request, None, "abc").markdown().to_owned();
        assert!(text.contains("| table `gold_master` | not known any more |"), "{text}");

        let gold = Digest::of(b"the table");
        let spec = StageSpec {
            layer: TopFolder::Evaluated,
            stage: "new".to_owned(),
            code_version: 1,
            inputs: BTreeMap::from([("gold_master".to_owned(), gold.clone())]),
            settings: json!({}),
        };
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("evaluation.json");
        std::fs::write(&path, "{}").unwrap();
        let made = vec![Made::file("evaluation", "evaluation.json".to_owned(), path, 0).unwrap()];
        let stored = spec.publish(&lake, &request.run, made).await.unwrap();
        request.evaluation = stored.output("evaluation").unwrap();
        let found = measured_on(&lake, &request).await.unwrap();
        assert_eq!(found.as_ref(), Some(&gold));
        let text = section(&request, found.as_ref(), "abc|def").markdown().to_owned();
        let said = [
            format!("| table `gold_master` | SHA-256 `{gold}` |"),
            "| program | abc\\|def |".to_owned(),
            "`models/new/files.json`".to_owned(),
            "`runs/this/run.json`".to_owned(),
            "`spanishgas explain this`".to_owned(),
        ];
        for said in said {
            assert!(text.contains(&said), "{said} is not in\n{text}");
        }
    }
}
