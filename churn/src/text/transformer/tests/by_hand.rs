//! The forward pass of RoBERTa for classification (Liu et al. 2019; Devlin et al. 2018), written
//! out with plain loops in 64-bit floats, and the weights of a tiny one.

use std::collections::BTreeMap;

use statrs::function::erf::erf;

/// Shape and values (row by row) by name.
pub type Weights = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

type Rows = Vec<Vec<f64>>;

pub struct Sizes {
    pub hidden: usize,
    pub heads: usize,
    pub layers: usize,
    pub inner: usize,
    pub vocabulary: usize,
    pub positions: usize,
    pub pad: usize,
}

/// Numbers between -1 and 1 from a linear congruential generator (Knuth's MMIX constants).
pub fn weights(sizes: &Sizes, seed: u64) -> Weights {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    };
    let mut weights = Weights::new();
    let mut add = |name: String, shape: Vec<usize>| {
        let values = (0..shape.iter().product()).map(|_| next()).collect();
        weights.insert(name, (shape, values));
    };
    let (hidden, inner) = (sizes.hidden, sizes.inner);
    add("roberta.embeddings.word_embeddings.weight".into(), vec![sizes.vocabulary, hidden]);
    add("roberta.embeddings.position_embeddings.weight".into(), vec![sizes.positions, hidden]);
    add("roberta.embeddings.token_type_embeddings.weight".into(), vec![1, hidden]);
    let mut linear = vec![("classifier.dense".to_owned(), hidden, hidden), ("classifier.out_proj".into(), 3, hidden)];
    let mut norms = vec!["roberta.embeddings.LayerNorm".to_owned()];
    for layer in (0..sizes.layers).map(|layer| format!("roberta.encoder.layer.{layer}")) {
        for part in ["self.query", "self.key", "self.value", "output.dense"] {
            linear.push((format!("{layer}.attention.{part}"), hidden, hidden));
        }
        linear.push((format!("{layer}.intermediate.dense"), inner, hidden));
        linear.push((format!("{layer}.output.dense"), hidden, inner));
        norms.extend([format!("{layer}.attention.output.LayerNorm"), format!("{layer}.output.LayerNorm")]);
    }
    for (name, outputs, inputs) in linear {
        add(format!("{name}.weight"), vec![outputs, inputs]);
        add(format!("{name}.bias"), vec![outputs]);
    }
    for name in norms {
        add(format!("{name}.weight"), vec![hidden]);
        add(format!("{name}.bias"), vec![hidden]);
    }
    weights
}

/// Softmax of the classifier's outputs for one sequence without padding.
pub fn shares(weights: &Weights, sizes: &Sizes, tokens: &[u32]) -> [f64; 3] {
    let mut states = embed(weights, sizes, tokens);
    for layer in (0..sizes.layers).map(|layer| format!("roberta.encoder.layer.{layer}")) {
        let mixed = attention(weights, sizes, &layer, &states);
        let mixed = linear(weights, &format!("{layer}.attention.output.dense"), &mixed);
        states = norm(weights, &format!("{layer}.attention.output.LayerNorm"), &sum(&mixed, &states));
        let inner = linear(weights, &format!("{layer}.intermediate.dense"), &states);
        let inner = each(inner, |x| 0.5 * x * (1.0 + erf(x / std::f64::consts::SQRT_2)));
        let output = linear(weights, &format!("{layer}.output.dense"), &inner);
        states = norm(weights, &format!("{layer}.output.LayerNorm"), &sum(&output, &states));
    }
    let first = each(linear(weights, "classifier.dense", &states[..1]), f64::tanh);
    let logits = linear(weights, "classifier.out_proj", &first).remove(0);
    softmax(&logits).try_into().unwrap()
}

fn embed(weights: &Weights, sizes: &Sizes, tokens: &[u32]) -> Rows {
    let words = matrix(weights, "roberta.embeddings.word_embeddings.weight");
    let positions = matrix(weights, "roberta.embeddings.position_embeddings.weight");
    let segment = &matrix(weights, "roberta.embeddings.token_type_embeddings.weight")[0];
    let place = |(index, token): (usize, &u32)| -> Vec<f64> {
        let (word, position) = (&words[*token as usize], &positions[sizes.pad + 1 + index]);
        (0..sizes.hidden).map(|i| word[i] + position[i] + segment[i]).collect()
    };
    let embedded: Rows = tokens.iter().enumerate().map(place).collect();
    norm(weights, "roberta.embeddings.LayerNorm", &embedded)
}

fn attention(weights: &Weights, sizes: &Sizes, layer: &str, states: &[Vec<f64>]) -> Rows {
    let [queries, keys, values] =
        ["query", "key", "value"].map(|part| linear(weights, &format!("{layer}.attention.self.{part}"), states));
    let width = sizes.hidden / sizes.heads;
    let mut mixed = vec![vec![0.0; sizes.hidden]; states.len()];
    for head in 0..sizes.heads {
        let span = head * width..(head + 1) * width;
        for (query, mixed) in queries.iter().zip(&mut mixed) {
            let score = |key: &Vec<f64>| dot(&query[span.clone()], &key[span.clone()]) / (width as f64).sqrt();
            let shares = softmax(&keys.iter().map(score).collect::<Vec<_>>());
            for i in span.clone() {
                mixed[i] = shares.iter().zip(&values).map(|(share, value)| share * value[i]).sum();
            }
        }
    }
    mixed
}

fn matrix(weights: &Weights, name: &str) -> Rows {
    let (shape, values) = &weights[name];
    values.chunks(shape[shape.len() - 1]).map(|row| row.iter().map(|x| f64::from(*x)).collect()).collect()
}

fn linear(weights: &Weights, name: &str, rows: &[Vec<f64>]) -> Rows {
    let matrix_rows = matrix(weights, &format!("{name}.weight"));
    let bias = matrix(weights, &format!("{name}.bias")).remove(0);
    let apply = |row: &Vec<f64>| matrix_rows.iter().zip(&bias).map(|(w, b)| dot(w, row) + b).collect();
    rows.iter().map(apply).collect()
}

fn norm(weights: &Weights, name: &str, rows: &[Vec<f64>]) -> Rows {
    let scale = matrix(weights, &format!("{name}.weight")).remove(0);
    let shift = matrix(weights, &format!("{name}.bias")).remove(0);
    let apply = |row: &Vec<f64>| {
        let n = row.len() as f64;
        let mean = row.iter().sum::<f64>() / n;
        let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        let unit = |x: &f64| (x - mean) / (variance + 1e-5).sqrt();
        row.iter().zip(&scale).zip(&shift).map(|((x, scale), shift)| unit(x) * scale + shift).collect()
    };
    rows.iter().map(apply).collect()
}

fn softmax(values: &[f64]) -> Vec<f64> {
    let total: f64 = values.iter().map(|x| x.exp()).sum();
    values.iter().map(|x| x.exp() / total).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn sum(a: &[Vec<f64>], b: &[Vec<f64>]) -> Rows {
    a.iter().zip(b).map(|(a, b)| a.iter().zip(b).map(|(a, b)| a + b).collect()).collect()
}

fn each(rows: Rows, f: impl Fn(f64) -> f64) -> Rows {
    rows.into_iter().map(|row| row.into_iter().map(&f).collect()).collect()
}
