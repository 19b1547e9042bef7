//! A tiny classifier with made-up weights against the same arithmetic written out by hand.

mod by_hand;

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::{Value, json};
use tempfile::TempDir;

use self::by_hand::{Sizes, Weights};
use super::*;

const SIZES: Sizes = Sizes { hidden: 8, heads: 2, layers: 2, inner: 12, vocabulary: 36, positions: 12, pad: 1 };

fn config() -> Value {
    json!({
        "model_type": "roberta", "hidden_size": SIZES.hidden, "num_attention_heads": SIZES.heads,
        "num_hidden_layers": SIZES.layers, "intermediate_size": SIZES.inner, "vocab_size": SIZES.vocabulary,
        "max_position_embeddings": SIZES.positions, "pad_token_id": SIZES.pad, "type_vocab_size": 1,
        "layer_norm_eps": 1e-5, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
        // Not in the order of our columns, as in some published classifiers.
        "id2label": { "0": "Neutral", "1": "negative", "2": "positive" },
    })
}

/// `<s> <pad> </s> <unk>`, a to z from 4 on, the blank (Ġ) 30, three merges up to `bill` 33, `<mask>` 34.
fn vocabulary() -> Value {
    let letters = ('a'..='z').map(String::from);
    let others = ["Ġ", "bi", "bil", "bill", "<mask>"].map(String::from);
    let tokens = ["<s>", "<pad>", "</s>", "<unk>"].map(String::from).into_iter().chain(letters).chain(others);
    tokens.zip(0..).map(|(token, id)| (token, json!(id))).collect::<serde_json::Map<_, _>>().into()
}

fn write_folder(weights: &Weights) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("config.json"), config().to_string()).unwrap();
    fs::write(path.join("vocab.json"), vocabulary().to_string()).unwrap();
    fs::write(path.join("merges.txt"), "#version: 0.2\nb i\nbi l\nbil l\n").unwrap();
    let tensor =
        |(shape, values): &(Vec<usize>, Vec<f32>)| Tensor::from_slice(values, shape.as_slice(), &Device::Cpu).unwrap();
    let tensors: HashMap<_, _> = weights.iter().map(|(name, weight)| (name.clone(), tensor(weight))).collect();
    candle_core::safetensors::save(&tensors, path.join("model.safetensors")).unwrap();
    folder
}

fn problem(folder: &Path) -> String {
    let error = Transformer::load(folder).err().unwrap();
    assert!(matches!(error, Error::Settings { .. }), "{error}");
    error.to_string()
}

/// The shares by hand in the order of [`config`]'s labels, as (neg, neu, pos).
fn expected(weights: &Weights, tokens: &[u32]) -> [f64; 3] {
    let [neu, neg, pos] = by_hand::shares(weights, &SIZES, tokens);
    [neg, neu, pos]
}

fn assert_close(got: Sentiment, expected: [f64; 3]) {
    for (got, expected) in [got.neg, got.neu, got.pos].into_iter().zip(expected) {
        assert!((got - expected).abs() < 1e-5, "{got} is not {expected}");
    }
}

#[test]
fn the_shares_are_those_of_the_arithmetic_by_hand() {
    let weights = by_hand::weights(&SIZES, 7);
    let folder = write_folder(&weights);
    let model = Transformer::load(folder.path()).unwrap();
    // <s> bill Ġ u p </s>; <s> a <unk> </s>; <s> </s>
    for (text, tokens) in [("bill up", &[0, 33, 30, 24, 19, 2][..]), ("a!", &[0, 4, 3, 2]), ("", &[0, 2])] {
        let sentiment = model.score(text).unwrap();
        assert_close(sentiment, expected(&weights, tokens));
        let largest = sentiment.neg.max(sentiment.neu).max(sentiment.pos);
        let share = match sentiment.label {
            SentimentLabel::Negative => sentiment.neg,
            SentimentLabel::Neutral => sentiment.neu,
            SentimentLabel::Positive => sentiment.pos,
        };
        assert_eq!(share, largest);
        assert_eq!(model.score(text).unwrap(), sentiment, "asked again");
    }
}

#[test]
fn a_text_longer_than_the_network_is_cut_off() {
    let weights = by_hand::weights(&SIZES, 7);
    let folder = write_folder(&weights);
    let model = Transformer::load(folder.path()).unwrap();
    // 12 positions, the first two of which are for padding: 10 tokens, 8 of them letters.
    let tokens = [&[0][..], &[4; 8], &[2]].concat();
    assert_close(model.score(&"a".repeat(1_000)).unwrap(), expected(&weights, &tokens));
}

#[test]
fn one_tokenizer_file_does_as_well_as_two() {
    let folder = write_folder(&by_hand::weights(&SIZES, 7));
    let two = Transformer::load(folder.path()).unwrap();
    two.tokenizer.save(folder.path().join("tokenizer.json"), false).unwrap();
    fs::remove_file(folder.path().join("vocab.json")).unwrap();
    fs::remove_file(folder.path().join("merges.txt")).unwrap();
    let one = Transformer::load(folder.path()).unwrap();
    assert_eq!(one.score("bill up").unwrap(), two.score("bill up").unwrap());
}

#[test]
fn the_digest_follows_the_files() {
    let digest = |seed| {
        let folder = write_folder(&by_hand::weights(&SIZES, seed));
        Transformer::load(folder.path()).unwrap().digest().to_owned()
    };
    assert_eq!(digest(7), digest(7));
    assert_ne!(digest(7), digest(8));
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    assert!(problem(folder.path()).contains("no config.json, model.safetensors, tokenizer.json;"));
    assert!(problem(&folder.path().join("absent")).contains("no config.json, model.safetensors, tokenizer.json;"));
    fs::write(folder.path().join("vocab.json"), "{}").unwrap();
    assert!(problem(folder.path()).contains("no config.json, model.safetensors, merges.txt;"));
}

#[test]
fn a_broken_file_is_named() {
    for name in ["config.json", "vocab.json", "model.safetensors"] {
        let folder = write_folder(&by_hand::weights(&SIZES, 7));
        let whole = fs::read(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name), &whole[..whole.len() / 2]).unwrap();
        assert!(problem(folder.path()).contains(name), "{name}");
    }
}

#[test]
fn weights_that_do_not_belong_to_the_configuration_are_refused() {
    let mut weights = by_hand::weights(&SIZES, 7);
    weights.remove("classifier.out_proj.bias").unwrap();
    let problem = problem(write_folder(&weights).path());
    assert!(problem.contains("model.safetensors") && problem.contains("classifier.out_proj.bias"), "{problem}");
}

#[test]
fn a_configuration_that_is_no_sentiment_classifier_is_refused() {
    let cases = [
        ("id2label", json!({ "0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2" })),
        ("id2label", json!({ "0": "negative", "1": "positive" })),
        ("id2label", json!({ "0": "negative", "1": "positive", "2": "positive" })),
        ("model_type", json!("gpt2")),
        ("position_embedding_type", json!("relative_key")),
        ("hidden_size", json!(9)),
        ("vocab_size", json!(10)),
        ("max_position_embeddings", json!(4)),
    ];
    let folder = write_folder(&by_hand::weights(&SIZES, 7));
    for (field, value) in cases {
        let mut config = config();
        config[field] = value;
        fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
        let problem = problem(folder.path());
        assert!(problem.contains("config.json") && problem.contains(field), "{problem}");
    }
}
