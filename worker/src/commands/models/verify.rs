//! `spanishgas models verify`: whether the files of models are what the training noted, who has signed them, and whether a
//! new training gives the same bytes.

use std::path::Path;
use std::process::ExitCode;

use activities::registry::Registry;
use anyhow::bail;
use churn::model::{Evaluation, Metadata, ModelCard, Verdict};
use lake::documents::{Judgement, ModelList};
use lake::{Digest, Lake, keys};
use protocol::ModelVersion;
use serde::Serialize;

use super::damage::damage;
use super::facts::metadata_of;
use super::rebuild::{Rebuilt, rebuild};
use crate::environment::EnvironmentOptions;
use crate::scratch::Scratch;

/// Something is not as it should be.
const DIFFERENT: u8 = 2;
/// What a version was trained on is not there any more.
const INPUTS_GONE: u8 = 3;
/// Another program trained it.
const OTHER_CODE: u8 = 4;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas models verify 0123456789abcdef\n\
    Or: spanishgas models verify --all --rebuild --json\n\
    Exit code: 0 everything is the same, 2 a file differs, a signature is missing, the model card is stale or a rebuild gives \
    other bytes, 3 it cannot be rebuilt: what it was trained on is deleted or damaged, 4 it cannot be rebuilt here: other code trained it, 1 an error. \
    Of several the first of 2, 3, 4")]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command")]
pub struct Verify {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// The version, as `models list` shows it [default: the champion].
    #[arg(value_name = "VERSION", conflicts_with = "all")]
    pub model_version: Option<String>,
    /// Every registered version.
    #[arg(long)]
    pub all: bool,
    /// Train each again on this machine from the stored table, and compare the bytes; a version that is named is, in any case.
    #[arg(long)]
    pub rebuild: bool,
    /// Only compare the files of a version that is named.
    #[arg(long, conflicts_with_all = ["rebuild", "all"])]
    pub files_only: bool,
    /// Print one JSON list.
    #[arg(long)]
    pub json: bool,
}

/// How deep to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// The files as they are.
    Files,
    /// A new training too.
    Rebuild,
}

impl Verify {
    fn depth(&self) -> Depth {
        let is_named = self.model_version.is_some() && !self.files_only;
        if self.rebuild || is_named { Depth::Rebuild } else { Depth::Files }
    }
}

/// What was found of a version.
#[derive(Debug, Serialize)]
struct Verified {
    version: ModelVersion,
    /// What is wrong with its files, and with those of its last judgement; nothing is good.
    damage: Vec<String>,
    /// Who has signed them.
    signature: Signed,
    /// Whether its card is that of the last judgement; nothing where that was not looked at.
    card: Option<Card>,
    /// What a new training gave; nothing unless it was asked for.
    rebuilt: Option<Rebuilt>,
}

/// Whether the model card is that of the last judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Card {
    /// It and its page are as that judgement left them.
    Current,
    /// It does not.
    Stale,
    /// There is none: nobody has judged the model.
    None,
}

/// What the signature is worth.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Signed {
    /// Nobody asks for one: there is no key to check with.
    NotAsked,
    /// It is one of a key that is trusted.
    Trusted {
        /// Which.
        key_id: String,
    },
    /// There is none, or it is not one that is trusted.
    Untrusted {
        /// Why not.
        problem: String,
    },
}

pub async fn run(verify: &Verify) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new(None)?;
    let lake = verify.places.open_lake(scratch.path()).await?;
    let registry = verify.places.open_registry(scratch.path()).await?;
    let mut found = Vec::new();
    for version in versions(verify, &registry).await? {
        let one = one(&lake, &registry, &version, verify.depth(), scratch.path()).await?;
        if !verify.json {
            println!("{}", words(&one));
        }
        found.push(one);
    }
    if verify.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    }
    Ok(ExitCode::from(code_of_all(&found)))
}

async fn versions(verify: &Verify, registry: &Registry) -> anyhow::Result<Vec<ModelVersion>> {
    if let Some(version) = &verify.model_version {
        return Ok(vec![version.as_str().into()]);
    }
    if verify.all {
        return Ok(registry.all().await?.into_iter().map(|entry| entry.version).collect());
    }
    match registry.champion().await? {
        Some((pointer, _)) => Ok(vec![pointer.version]),
        None => bail!("there is no champion; name a version, or give --all"),
    }
}

async fn one(
    lake: &Lake,
    registry: &Registry,
    version: &ModelVersion,
    depth: Depth,
    scratch: &Path,
) -> anyhow::Result<Verified> {
    let list = match ModelList::find(lake, version).await {
        Ok(list) => list,
        Err(error) => {
            let signature = Signed::Untrusted { problem: "it has no list of files".to_owned() };
            let signature = if registry.signing().is_on() { signature } else { Signed::NotAsked };
            let damage = vec![damage(error)?];
            return Ok(Verified { version: version.clone(), damage, signature, card: None, rebuilt: None });
        }
    };
    let mut damaged = Vec::new();
    for file in list.files() {
        // Read whole, not only asked for: a bucket may remember another digest than its object has.
        if let Err(error) = lake.copy(file, scratch).await {
            damaged.push(damage(error)?);
        }
    }
    if damaged.is_empty() {
        // Files of another version, list and all, fit each other.
        let says = metadata_of(lake, &list).await?.version;
        if says != version.as_str() {
            damaged.push(format!("its metadata.json is of model {says}"));
        }
    }
    let signature = signature(registry, version).await?;
    let (judged, card) =
        if damaged.is_empty() { judged(lake, registry, &list, version).await? } else { (Vec::new(), None) };
    let rebuilt = match (depth, damaged.is_empty()) {
        (Depth::Files, _) => None,
        (Depth::Rebuild, true) => Some(rebuild(lake, &list, version, scratch).await?),
        (Depth::Rebuild, false) => Some(Rebuilt::NotTried { reason: "its own files are damaged".to_owned() }),
    };
    damaged.extend(judged);
    Ok(Verified { version: version.clone(), damage: damaged, signature, card, rebuilt })
}

/// What the last judgement left beside a model.
struct Beside {
    evaluation: Option<Vec<u8>>,
    verdict: Option<Vec<u8>>,
    card: Option<Vec<u8>>,
    page: Option<Vec<u8>>,
}

impl Beside {
    async fn read(lake: &Lake, version: &str) -> anyhow::Result<Self> {
        Ok(Self {
            evaluation: bytes(lake, &keys::judged_evaluation(version)).await?,
            verdict: bytes(lake, &keys::verdict(version)).await?,
            card: bytes(lake, &keys::model_card(version)).await?,
            page: bytes(lake, &keys::model_card_page(version)).await?,
        })
    }

    /// What of evaluation and verdict is not what the judgement noted.
    fn damage(&self, last: &Judgement, version: &str) -> Vec<String> {
        if self.card.is_none() && last.files.is_empty() {
            // Of before there were copies beside the model.
            return Vec::new();
        }
        let verdict = keys::verdict(version);
        let has_verdict = match last.files.get(&verdict) {
            Some(noted) => is(self.verdict.as_deref(), noted),
            None => self.parsed_verdict().is_some_and(|found| found == last.verdict),
        };
        let has_evaluation = is(self.evaluation.as_deref(), &last.evaluation.digest);
        [(keys::judged_evaluation(version), has_evaluation), (verdict, has_verdict)]
            .into_iter()
            .filter(|(_, is_left)| !is_left)
            .map(|(key, _)| format!("{key} is not as its last judgement left it"))
            .collect()
    }

    /// What the card and its page are worth; of a judgement that noted no digests only whether the card says what the
    /// evaluation and the verdict say.
    fn card(&self, last: Option<&Judgement>, version: &str, metadata: &Metadata) -> Card {
        let noted = |key: &str| last.and_then(|last| last.files.get(key));
        let noted = noted(&keys::model_card(version)).zip(noted(&keys::model_card_page(version)));
        let is_current = if let Some((card, page)) = noted {
            is(self.card.as_deref(), card) && is(self.page.as_deref(), page)
        } else {
            let Some(card) = &self.card else { return Card::None };
            self.says(&String::from_utf8_lossy(card), metadata)
        };
        if is_current { Card::Current } else { Card::Stale }
    }

    fn says(&self, card: &str, metadata: &Metadata) -> bool {
        let evaluation: Option<Evaluation> = self.evaluation.as_deref().and_then(|e| serde_json::from_slice(e).ok());
        let found = self.parsed_verdict().zip(evaluation);
        found.is_some_and(|(verdict, evaluation)| ModelCard::is_of(card, metadata, &evaluation, &verdict))
    }

    fn parsed_verdict(&self) -> Option<Verdict> {
        serde_json::from_slice(self.verdict.as_deref()?).ok()
    }
}

async fn bytes(lake: &Lake, key: &str) -> anyhow::Result<Option<Vec<u8>>> {
    Ok(lake.get(key).await?.map(|(bytes, _)| bytes))
}

fn is(found: Option<&[u8]>, noted: &Digest) -> bool {
    found.is_some_and(|bytes| Digest::of(bytes) == *noted)
}

/// What is wrong with what the last judgement left, and what its card is worth: nothing is said of a card by an evaluation
/// or a verdict that somebody changed, unless its own digest is noted.
async fn judged(
    lake: &Lake,
    registry: &Registry,
    list: &ModelList,
    version: &str,
) -> anyhow::Result<(Vec<String>, Option<Card>)> {
    let entry = registry.find(version).await?;
    let last = entry.as_ref().and_then(|entry| entry.judgements.last());
    let beside = Beside::read(lake, version).await?;
    let damage = last.map(|last| beside.damage(last, version)).unwrap_or_default();
    let is_noted = last.is_some_and(|last| !last.files.is_empty());
    if !damage.is_empty() && !is_noted {
        return Ok((damage, None));
    }
    let card = beside.card(last, version, &metadata_of(lake, list).await?);
    Ok((damage, Some(card)))
}

async fn signature(registry: &Registry, version: &str) -> anyhow::Result<Signed> {
    if !registry.signing().is_on() {
        return Ok(Signed::NotAsked);
    }
    match registry.trusted(version).await {
        Ok(_) => {
            let signature = registry.signature(version).await?;
            Ok(Signed::Trusted { key_id: signature.map(|signature| signature.key_id).unwrap_or_default() })
        }
        Err(activities::Error::UntrustedModel { problem, .. }) => Ok(Signed::Untrusted { problem }),
        Err(error) => Err(error.into()),
    }
}

fn code(found: &Verified) -> u8 {
    let is_wrong = !found.damage.is_empty()
        || found.card == Some(Card::Stale)
        || matches!(found.signature, Signed::Untrusted { .. })
        || matches!(found.rebuilt, Some(Rebuilt::Different { .. }));
    if is_wrong {
        return DIFFERENT;
    }
    match &found.rebuilt {
        Some(Rebuilt::InputsGone { .. }) => INPUTS_GONE,
        Some(Rebuilt::OtherCode { .. }) => OTHER_CODE,
        _ => 0,
    }
}

/// What is wrong weighs more than what is not known.
fn code_of_all(found: &[Verified]) -> u8 {
    let codes: Vec<u8> = found.iter().map(code).collect();
    [DIFFERENT, INPUTS_GONE, OTHER_CODE].into_iter().find(|code| codes.contains(code)).unwrap_or_default()
}

fn words(found: &Verified) -> String {
    let mut parts = Vec::new();
    if found.damage.is_empty() {
        parts.push("its files are as the training left them".to_owned());
    }
    parts.extend(found.damage.iter().map(|damage| format!("DAMAGED: {damage}")));
    parts.push(match &found.signature {
        Signed::NotAsked => "no signature is asked for".to_owned(),
        Signed::Trusted { key_id } => format!("signed with key {key_id}"),
        Signed::Untrusted { problem } => format!("NOT TRUSTED: {problem}"),
    });
    if found.card == Some(Card::Stale) {
        let what = "STALE: its model card, or the page of it, is not that of its last judgement";
        parts.push(format!("{what}; a training run judges it anew"));
    }
    parts.extend(found.rebuilt.as_ref().map(|rebuilt| match rebuilt {
        Rebuilt::Same => "a new training gives the same bytes".to_owned(),
        Rebuilt::Different { files } => format!("DIFFERENT: a new training gives other bytes in {}", files.join(", ")),
        Rebuilt::OtherCode { reason } | Rebuilt::InputsGone { reason } | Rebuilt::NotTried { reason } => {
            format!("NOT REBUILT: {reason}")
        }
    }));
    format!("{}  {}", found.version, parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(damage: &[&str], signature: Signed, rebuilt: Option<Rebuilt>) -> Verified {
        let damage = damage.iter().map(|damage| (*damage).to_owned()).collect();
        Verified { version: "v".into(), damage, signature, card: Some(Card::Current), rebuilt }
    }

    #[test]
    fn the_exit_code_tells_what_is_wrong_from_what_cannot_be_known() {
        let untrusted = || Signed::Untrusted { problem: "it has no signature".to_owned() };
        let different = || Rebuilt::Different { files: vec!["model.ubj".to_owned()] };
        let gone = || Rebuilt::InputsGone { reason: "gone".to_owned() };
        let other = || Rebuilt::OtherCode { reason: "other code".to_owned() };
        let not_tried = || Rebuilt::NotTried { reason: "damaged".to_owned() };
        for (found, expected, word) in [
            (found(&[], Signed::NotAsked, Some(Rebuilt::Same)), 0, "the same bytes"),
            (found(&[], Signed::Trusted { key_id: "k".to_owned() }, None), 0, "signed with key k"),
            (found(&["x"], Signed::NotAsked, Some(not_tried())), 2, "DAMAGED: x"),
            (found(&[], untrusted(), None), 2, "NOT TRUSTED"),
            (found(&[], Signed::NotAsked, Some(different())), 2, "other bytes in model.ubj"),
            (found(&[], Signed::NotAsked, Some(gone())), 3, "NOT REBUILT: gone"),
            (found(&[], Signed::NotAsked, Some(other())), 4, "NOT REBUILT: other code"),
            (found(&[], untrusted(), Some(gone())), 2, "NOT REBUILT"),
        ] {
            assert_eq!(code(&found), expected, "{found:?}");
            assert!(words(&found).contains(word), "{}", words(&found));
        }
        let stale = Verified { card: Some(Card::Stale), ..found(&[], Signed::NotAsked, Some(other())) };
        assert!(code(&stale) == 2 && words(&stale).contains("STALE: its model card"), "{}", words(&stale));
        let all = |rebuilt: Vec<Rebuilt>| {
            let all: Vec<_> = rebuilt.into_iter().map(|one| found(&[], Signed::NotAsked, Some(one))).collect();
            code_of_all(&all)
        };
        assert_eq!(all(vec![other(), gone(), Rebuilt::Same]), 3);
        assert_eq!(all(vec![other(), gone(), different()]), 2);
        assert_eq!(all(Vec::new()), 0);
    }

    #[test]
    fn a_version_that_is_named_is_rebuilt_unless_only_its_files_are_asked_for() {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            verify: Verify,
        }
        let depth = |arguments: &[&str]| {
            let line = <Line as clap::Parser>::try_parse_from([&["verify"][..], arguments].concat());
            line.map(|line| line.verify.depth())
        };
        assert_eq!(depth(&["v"]).unwrap(), Depth::Rebuild);
        assert_eq!(depth(&["v", "--files-only"]).unwrap(), Depth::Files);
        assert_eq!(depth(&["--all"]).unwrap(), Depth::Files);
        assert_eq!(depth(&["--rebuild"]).unwrap(), Depth::Rebuild);
        assert!(depth(&["v", "--files-only", "--rebuild"]).is_err());
    }
}
