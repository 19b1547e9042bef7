//! The folder of a classifier: its files, checked before the first text is scored.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device};
use candle_nn::{Activation, VarBuilder};
use candle_transformers::models::xlm_roberta::{Config, XLMRobertaForSequenceClassification};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokenizers::models::bpe::BPE;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::processors::roberta::RobertaProcessing;
use tokenizers::{AddedToken, Tokenizer, TruncationParams};

use crate::error::{Error, Result};
use crate::text::sentiment::SentimentLabel;

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";
const TOKENIZER: &str = "tokenizer.json";
const VOCABULARY: &str = "vocab.json";
const MERGES: &str = "merges.txt";

/// Families that share the network: the names of its weights and its arithmetic.
const FAMILIES: [&str; 3] = ["roberta", "xlm-roberta", "camembert"];

/// The bytes of a classifier's files and its parsed configuration.
pub struct ModelFolder {
    path: PathBuf,
    /// By name; the tokenizer is one file or two.
    files: BTreeMap<&'static str, Vec<u8>>,
    config: ClassifierConfig,
}

/// What of `config.json` decides the arithmetic.
#[derive(Deserialize)]
struct ClassifierConfig {
    model_type: String,
    hidden_size: usize,
    layer_norm_eps: f64,
    num_attention_heads: usize,
    intermediate_size: usize,
    hidden_act: Activation,
    num_hidden_layers: usize,
    vocab_size: usize,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    pad_token_id: u32,
    #[serde(default)]
    position_embedding_type: Option<String>,
    id2label: BTreeMap<String, String>,
}

impl ModelFolder {
    /// Reads all files; every one that is missing is named in one error.
    pub fn read(path: &Path) -> Result<Self> {
        let names = present(path)?;
        let mut files = BTreeMap::new();
        for name in names {
            let file = path.join(name);
            files.insert(name, std::fs::read(&file).map_err(Error::file("read", &file))?);
        }
        let config = serde_json::from_slice(&files[CONFIG]).map_err(|e| broken(path, CONFIG, e))?;
        let folder = Self { path: path.to_owned(), files, config };
        folder.check()?;
        Ok(folder)
    }

    /// SHA-256 over the names, sizes and bytes of the files.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (name, bytes) in &self.files {
            hash.update(name);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
        hash.finalize().iter().fold(String::from("transformer "), |mut digest, byte| {
            write!(digest, "{byte:02x}").expect("writing to a String cannot fail");
            digest
        })
    }

    /// The meaning of each output of the network, from `id2label`.
    pub fn outputs(&self) -> Result<[SentimentLabel; 3]> {
        use SentimentLabel::{Negative, Neutral, Positive};
        let named = |output: usize| {
            let name = self.config.id2label.get(&output.to_string())?;
            [Negative, Neutral, Positive].into_iter().find(|label| label.as_str().eq_ignore_ascii_case(name))
        };
        match (named(0), named(1), named(2)) {
            (Some(a), Some(b), Some(c)) if self.config.id2label.len() == 3 && a != b && b != c && a != c => {
                Ok([a, b, c])
            }
            _ => Err(broken(
                &self.path,
                CONFIG,
                "id2label must name 0, 1, 2 as negative, neutral, positive in some order",
            )),
        }
    }

    /// The tokenizer, without padding, cutting off what the network has no position for.
    pub fn tokenizer(&self) -> Result<Tokenizer> {
        let mut tokenizer = match self.files.get(TOKENIZER) {
            Some(bytes) => Tokenizer::from_bytes(bytes).map_err(|e| broken(&self.path, TOKENIZER, e))?,
            None => byte_level_tokenizer(&self.path)?,
        };
        let vocabulary = tokenizer.get_vocab_size(true);
        if vocabulary > self.config.vocab_size {
            let problem = format!("vocab_size is {}, but the tokenizer has {vocabulary}", self.config.vocab_size);
            return Err(broken(&self.path, CONFIG, problem));
        }
        let truncation = TruncationParams { max_length: self.config.positions(), ..TruncationParams::default() };
        tokenizer.with_padding(None).with_truncation(Some(truncation)).map_err(|e| broken(&self.path, CONFIG, e))?;
        Ok(tokenizer)
    }

    /// The network with its weights, as 32-bit floats.
    pub fn network(&self) -> Result<XLMRobertaForSequenceClassification> {
        let failed = |e| broken(&self.path, WEIGHTS, e);
        let weights = &self.files[WEIGHTS];
        let weights = VarBuilder::from_slice_safetensors(weights, DType::F32, &Device::Cpu).map_err(failed)?;
        XLMRobertaForSequenceClassification::new(3, &self.config.network(), weights).map_err(failed)
    }

    fn check(&self) -> Result<()> {
        let config = &self.config;
        let heads = config.num_attention_heads;
        let problem = if !FAMILIES.contains(&config.model_type.as_str()) {
            format!("model_type is {}; it must be one of {}", config.model_type, FAMILIES.join(", "))
        } else if config.position_embedding_type.as_deref().is_some_and(|kind| kind != "absolute") {
            "position_embedding_type must be absolute".to_owned()
        } else if heads == 0 || !config.hidden_size.is_multiple_of(heads) {
            format!("hidden_size {} cannot be shared by {heads} attention heads", config.hidden_size)
        } else if config.positions() < 4 {
            "max_position_embeddings leaves no room for a text".to_owned()
        } else {
            return Ok(());
        };
        Err(broken(&self.path, CONFIG, problem))
    }
}

impl ClassifierConfig {
    /// Tokens that fit: positions are counted from the one after the padding position.
    fn positions(&self) -> usize {
        self.max_position_embeddings.saturating_sub(self.pad_token_id as usize + 1)
    }

    fn network(&self) -> Config {
        Config {
            hidden_size: self.hidden_size,
            layer_norm_eps: self.layer_norm_eps,
            // Dropout is for training only.
            attention_probs_dropout_prob: 0.0,
            hidden_dropout_prob: 0.0,
            num_attention_heads: self.num_attention_heads,
            position_embedding_type: "absolute".to_owned(),
            intermediate_size: self.intermediate_size,
            hidden_act: self.hidden_act,
            num_hidden_layers: self.num_hidden_layers,
            vocab_size: self.vocab_size,
            max_position_embeddings: self.max_position_embeddings,
            type_vocab_size: self.type_vocab_size,
            pad_token_id: self.pad_token_id,
        }
    }
}

/// The names of the files to read, or an error that lists all that are missing.
fn present(path: &Path) -> Result<Vec<&'static str>> {
    let has = |name: &&str| path.join(name).is_file();
    let tokenizer =
        if has(&TOKENIZER) || !(has(&VOCABULARY) || has(&MERGES)) { vec![TOKENIZER] } else { vec![VOCABULARY, MERGES] };
    let names = [vec![CONFIG, WEIGHTS], tokenizer].concat();
    let missing: Vec<_> = names.iter().filter(|name| !has(name)).copied().collect();
    if missing.is_empty() {
        return Ok(names);
    }
    let missing = missing.join(", ");
    let problem = format!("the folder has no {missing}; put the files of the classifier there, or choose `lexicon`");
    Err(Error::settings(path.display().to_string(), problem))
}

/// RoBERTa's own tokenizer, from its two older files.
fn byte_level_tokenizer(path: &Path) -> Result<Tokenizer> {
    let [vocabulary, merges] = [VOCABULARY, MERGES].map(|name| path.join(name).to_string_lossy().into_owned());
    let model = BPE::from_file(&vocabulary, &merges).unk_token("<unk>".to_owned()).build();
    let mut tokenizer = Tokenizer::new(model.map_err(|e| broken(path, "vocab.json or merges.txt", e))?);
    let specials = ["<s>", "<pad>", "</s>", "<unk>"].map(|token| AddedToken::from(token, true));
    let mask = AddedToken::from("<mask>", true).lstrip(true);
    let known = specials.into_iter().chain([mask]).filter(|token| tokenizer.token_to_id(&token.content).is_some());
    let known: Vec<_> = known.collect();
    tokenizer.add_special_tokens(known).map_err(|e| broken(path, VOCABULARY, e))?;

    let special = |token: &str| {
        let id = tokenizer.token_to_id(token).ok_or_else(|| broken(path, VOCABULARY, format!("{token} is missing")))?;
        Ok::<_, Error>((token.to_owned(), id))
    };
    let frame = RobertaProcessing::new(special("</s>")?, special("<s>")?).trim_offsets(true).add_prefix_space(false);
    let words = ByteLevel::new(false, true, true);
    tokenizer.with_pre_tokenizer(Some(words)).with_post_processor(Some(frame));
    Ok(tokenizer)
}

fn broken(path: &Path, file: &str, problem: impl std::fmt::Display) -> Error {
    Error::settings(path.join(file).display().to_string(), problem.to_string())
}
