//! The tables of a run by layer, and which of them can be looked at.

use std::collections::BTreeMap;

use churn::contract::Layer as Contract;

use crate::words::Word;

/// A layer of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The files as they arrive: their report alone.
    Raw,
    /// Joined and enriched.
    Bronze,
    /// Cleaned and filled in.
    Silver,
    /// One row of features per customer.
    Gold,
    /// Who is how likely to leave.
    Scores,
    /// What to do about them.
    Recommendations,
}

impl Layer {
    /// All of them, in the order of the work.
    pub const ALL: [Self; 6] = [Self::Raw, Self::Bronze, Self::Silver, Self::Gold, Self::Scores, Self::Recommendations];

    /// The word of the URL.
    pub fn value(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
            Self::Scores => "scores",
            Self::Recommendations => "recommendations",
        }
    }

    /// Its name for people.
    pub fn word(self) -> Word {
        match self {
            Self::Raw => Word::ExplorerLayerRaw,
            Self::Bronze => Word::ExplorerLayerBronze,
            Self::Silver => Word::ExplorerLayerSilver,
            Self::Gold => Word::ExplorerLayerGold,
            Self::Scores => Word::StageScore,
            Self::Recommendations => Word::StageRecommend,
        }
    }

    /// The layer of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.value() == word)
    }

    /// The layer of a key in the lake; none of what is no table of a layer.
    fn of_key(key: &str) -> Option<Self> {
        if key.starts_with("raw/") || key.starts_with("bronze/readings/") || key.starts_with("bronze/without_erased/") {
            return Some(Self::Raw);
        }
        if key.starts_with("scored/scores/") {
            return Some(Self::Scores);
        }
        match key.split_once('/')?.0 {
            "bronze" => Some(Self::Bronze),
            "silver" => Some(Self::Silver),
            "gold" => Some(Self::Gold),
            "scored" => Some(Self::Recommendations),
            _ => None,
        }
    }

    /// Whose contract it has.
    pub fn contract(self) -> Option<Contract> {
        match self {
            Self::Raw => Some(Contract::Raw),
            Self::Bronze => Some(Contract::Bronze),
            Self::Silver => Some(Contract::Silver),
            Self::Gold => Some(Contract::Gold),
            Self::Scores | Self::Recommendations => None,
        }
    }
}

/// The table that a reader sees first, where the run has it.
const FIRST: [&str; 2] = ["gold_master", "scores"];
/// The hourly readings, of which there are a hundred million and more.
const READINGS: &str = "readings_";

/// A table of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name in the record.
    pub name: String,
    /// Its layer.
    pub layer: Layer,
    /// Its key in the lake; none of a raw file, of which there is the report alone.
    pub key: Option<String>,
}

impl Listed {
    /// Whether it holds the hourly readings.
    pub fn is_hourly(&self) -> bool {
        self.name.starts_with(READINGS)
    }
}

/// The tables of a run, by layer and name: those of its `outputs` (table → key), and the raw files of the report.
pub fn tables(outputs: &BTreeMap<String, String>, raw_files: &[String]) -> Vec<Listed> {
    let stored = outputs.iter().filter(|(_, key)| key.ends_with(".parquet"));
    let stored = stored.filter_map(|(name, key)| {
        let layer = Layer::of_key(key)?;
        Some(Listed { name: name.clone(), layer, key: Some(key.clone()) })
    });
    let files = raw_files.iter().map(|name| Listed { name: name.clone(), layer: Layer::Raw, key: None });
    let mut tables: Vec<Listed> = stored.chain(files).collect();
    tables.sort_by(|a, b| (a.layer, &a.name).cmp(&(b.layer, &b.name)));
    tables.dedup_by(|a, b| a.name == b.name);
    tables
}

/// The table that is asked for: by its name, or the first of the layer, or the one that a reader sees first.
pub fn chosen<'a>(tables: &'a [Listed], name: Option<&str>, layer: Option<Layer>) -> Option<&'a Listed> {
    let named = |name: &str| tables.iter().find(|table| table.name == name);
    name.and_then(named)
        .or_else(|| tables.iter().find(|table| Some(table.layer) == layer && !table.is_hourly()))
        .or_else(|| tables.iter().find(|table| Some(table.layer) == layer))
        .or_else(|| FIRST.into_iter().find_map(named))
        .or_else(|| tables.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_its_layer_and_what_is_none_is_left_out() {
        let outputs = [
            ("churn_label", "raw/churn_label.csv"),
            ("readings_0", "raw/consumption_hourly_2024.parquet"),
            ("readings_report", "bronze/bronze_customer_month/a3/readings_report.json"),
            ("bronze_customer", "bronze/bronze_customer/1b/bronze_customer.parquet"),
            ("silver_customer", "silver/silver/61/silver_customer.parquet"),
            ("gold_master", "gold/gold_master/0e/gold_master.parquet"),
            ("reference.parquet", "models/63/reference.parquet"),
            ("scores", "scored/scores/03/scores.parquet"),
            ("contributions", "scored/recommendations/bb/contributions.parquet"),
        ];
        let outputs = outputs.into_iter().map(|(name, key)| (name.to_owned(), key.to_owned())).collect();
        let tables = tables(&outputs, &["churn_label".to_owned()]);
        let named: Vec<_> = tables.iter().map(|table| (table.layer.value(), table.name.as_str())).collect();
        let expected = [
            ("raw", "churn_label"),
            ("raw", "readings_0"),
            ("bronze", "bronze_customer"),
            ("silver", "silver_customer"),
            ("gold", "gold_master"),
            ("scores", "scores"),
            ("recommendations", "contributions"),
        ];
        assert_eq!(named, expected);
        let chosen = |name: Option<&str>, layer: Option<Layer>| chosen(&tables, name, layer).unwrap().name.clone();
        assert_eq!(chosen(None, None), "gold_master");
        assert_eq!(chosen(Some("scores"), None), "scores");
        assert_eq!(chosen(Some("nothing"), None), "gold_master");
        assert_eq!(chosen(None, Some(Layer::Raw)), "churn_label");
        assert!(tables[1].is_hourly() && tables[1].key.is_some() && tables[0].key.is_none());
    }
}
