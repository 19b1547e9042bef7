//! Sentiment by a RoBERTa-type sequence classifier (Liu et al. 2019) that the operator provides as
//! a folder in the layout of Hugging Face. Built with `--features transformer`.
//!
//! A text costs about half a second on one core with a model of the base size, so a text that was
//! scored before is looked up. The memory of it holds hashes of texts, not texts.

mod folder;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use candle_core::{DType, Device, Tensor};
use candle_transformers::models::xlm_roberta::XLMRobertaForSequenceClassification;
use sha2::{Digest, Sha256};
use tokenizers::Tokenizer;

use self::folder::ModelFolder;
use crate::error::{Error, Result};
use crate::text::sentiment::{Sentiment, SentimentLabel, SentimentModel};

/// A loaded classifier; one text at a time, on the processor, in 32-bit floats.
pub struct Transformer {
    digest: String,
    tokenizer: Tokenizer,
    network: XLMRobertaForSequenceClassification,
    /// What each output of the network means.
    outputs: [SentimentLabel; 3],
    scored: Mutex<HashMap<[u8; 32], Sentiment>>,
}

impl Transformer {
    /// Reads the folder: `config.json`, `tokenizer.json` (or `vocab.json` and `merges.txt`) and
    /// `model.safetensors`. What is missing or broken is a settings error that names the file.
    pub fn load(folder: &Path) -> Result<Self> {
        let folder = ModelFolder::read(folder)?;
        let outputs = folder.outputs()?;
        let tokenizer = folder.tokenizer()?;
        let network = folder.network()?;
        Ok(Self { digest: folder.digest(), tokenizer, network, outputs, scored: Mutex::default() })
    }

    fn remembered(&self, key: &[u8; 32]) -> Option<Sentiment> {
        // Every insert is whole, so a panic elsewhere leaves nothing half-done here.
        self.scored.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }

    fn remember(&self, key: [u8; 32], sentiment: Sentiment) {
        self.scored.lock().unwrap_or_else(PoisonError::into_inner).insert(key, sentiment);
    }

    fn classify(&self, text: &str) -> Result<Sentiment> {
        let tokens = self.tokenizer.encode(text, true).map_err(|e| Error::model("cut a text into tokens", e))?;
        let logits = self.logits(tokens.get_ids()).map_err(|e| Error::model("score a text", e))?;
        if logits.iter().any(|logit| !logit.is_finite()) {
            return Err(Error::model("score a text", "the network gave no finite number; check its model.safetensors"));
        }
        Ok(sentiment(self.outputs, softmax(&logits)))
    }

    /// One number for each output of the network.
    fn logits(&self, tokens: &[u32]) -> candle_core::Result<Vec<f32>> {
        let tokens = Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?;
        let attend_to_all = tokens.ones_like()?;
        let only_segment = tokens.zeros_like()?;
        let logits = self.network.forward(&tokens, &attend_to_all, &only_segment)?;
        logits.squeeze(0)?.to_dtype(DType::F32)?.to_vec1()
    }
}

impl SentimentModel for Transformer {
    fn digest(&self) -> &str {
        &self.digest
    }

    fn score(&self, text: &str) -> Result<Sentiment> {
        let key = Sha256::digest(text).into();
        if let Some(sentiment) = self.remembered(&key) {
            return Ok(sentiment);
        }
        let sentiment = self.classify(text)?;
        self.remember(key, sentiment);
        Ok(sentiment)
    }
}

fn softmax(logits: &[f32]) -> Vec<f64> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = logits.iter().map(|logit| f64::from(logit - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// The label is the largest share; of equal ones the first output of the network.
fn sentiment(outputs: [SentimentLabel; 3], shares: Vec<f64>) -> Sentiment {
    let mut sentiment = Sentiment { neg: 0.0, neu: 0.0, pos: 0.0, label: outputs[0] };
    let mut largest = f64::NEG_INFINITY;
    for (label, share) in outputs.into_iter().zip(shares) {
        match label {
            SentimentLabel::Negative => sentiment.neg = share,
            SentimentLabel::Neutral => sentiment.neu = share,
            SentimentLabel::Positive => sentiment.pos = share,
        }
        if share > largest {
            largest = share;
            sentiment.label = label;
        }
    }
    sentiment
}
