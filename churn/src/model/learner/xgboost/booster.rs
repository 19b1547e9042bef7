//! XGBoost's crate, wrapped, because its own types are easy to misuse.
//!
//! They can be cloned (and would then free the same memory twice), the dense constructor takes 0 for
//! missing, `train` stops after 16 rounds, and the buffers are text only.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::OnceLock;

use xgboost_rs::{Booster as Engine, DMatrix, XGBError};

use super::failures::{ADVICE_ON_A_FIT, ADVICE_ON_A_MODEL, advised, expect_len, failed};
use super::flags::Flags;
use super::gains::gains_of;
use super::settings::XgboostSettings;
use super::tree_shap::ShallowTrees;
use super::trees_file;
use crate::error::{Error, Result};
use crate::model::learner::{Fitted, Rows};
use crate::model::matrix::Matrix;

/// A fitted forest of boosted trees. Not `Clone`: it owns memory of the C++ library.
pub(super) struct Booster {
    engine: Engine,
    /// Its trees for contributions, read when they are first asked for; nothing where they are too deep.
    shallow: OnceLock<Option<ShallowTrees>>,
}

impl std::fmt::Debug for Booster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Booster")
    }
}

impl Booster {
    /// Fits with churners of this weight each; see [`Learner::fit`](crate::model::learner::Learner::fit).
    pub fn fit_weighted(
        rows: &Rows<'_>,
        churner: f64,
        settings: &XgboostSettings,
        threads: NonZeroUsize,
        after_round: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Self> {
        let flags = Flags::of(rows.matrix);
        let (values, parameters) = (flags.without_zeros(rows.matrix), parameters(settings, churner, threads));
        let engine = boosted(rows, &values, parameters, settings.rounds, after_round)?;
        if flags.are_none() {
            return Ok(Self::of(engine));
        }
        let trees = json(&engine).map_err(advised("read the trees that were just fitted", ADVICE_ON_A_FIT))?;
        Self::of_fitted(&flags.told_in_numbers(&trees)?)
    }

    /// Fits by parameters in XGBoost's own words, to all values as they are: who draws columns at every split draws others
    /// where a split has its sides changed.
    pub fn fit_by(
        rows: &Rows<'_>,
        parameters: HashMap<String, String>,
        rounds: u32,
        after_round: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Self> {
        boosted(rows, &rows.matrix.values, parameters, rounds, after_round).map(Self::of)
    }

    /// From trees in JSON that were fitted a moment ago.
    fn of_fitted(trees: &str) -> Result<Self> {
        let doing = "take back the trees that were just fitted";
        Engine::load_buffer(trees.as_bytes()).map(Self::of).map_err(advised(doing, ADVICE_ON_A_FIT))
    }

    fn of(engine: Engine) -> Self {
        Self { engine, shallow: OnceLock::new() }
    }

    /// Reads what [`Fitted::save`] wrote. What is damaged so that XGBoost would not survive it is an error.
    pub fn load(path: &Path) -> Result<Self> {
        checked(path)?.map_err(|problem| {
            Error::model("load the trees", format!("{problem}; train again or roll back to another version"))
        })?;
        Engine::load(path).map(Self::of).map_err(advised("load the trees", ADVICE_ON_A_MODEL))
    }

    fn shallow_trees(&self) -> Result<Option<&ShallowTrees>> {
        if let Some(known) = self.shallow.get() {
            return Ok(known.as_ref());
        }
        let trees = json(&self.engine).map_err(advised("read the trees", ADVICE_ON_A_MODEL))?;
        let read = ShallowTrees::read(&trees)?;
        Ok(self.shallow.get_or_init(|| read).as_ref())
    }

    /// XGBoost's own contributions, for trees of any depth.
    fn contributions_of_engine(&self, matrix: &Matrix) -> Result<Vec<f32>> {
        let (values, _) = self.engine.predict_contributions(&data_matrix(matrix)?).map_err(failed("explain"))?;
        expect_len("explain", values.len(), matrix.rows * (matrix.width + 1))?;
        Ok(values)
    }
}

impl Fitted for Booster {
    fn margins(&self, matrix: &Matrix) -> Result<Vec<f64>> {
        if matrix.rows == 0 {
            return Ok(Vec::new());
        }
        let margins = self.engine.predict_margin(&data_matrix(matrix)?).map_err(failed("predict"))?;
        expect_len("predict", margins.len(), matrix.rows)?;
        Ok(margins.into_iter().map(f64::from).collect())
    }

    /// TreeSHAP, path-dependent: of trees of the usual depth by table, of deeper ones by XGBoost.
    fn contributions(&self, matrix: &Matrix) -> Result<Vec<f32>> {
        if matrix.rows == 0 {
            return Ok(Vec::new());
        }
        match self.shallow_trees()? {
            Some(trees) => trees.contributions(matrix),
            None => self.contributions_of_engine(matrix),
        }
    }

    /// The loss that the splits on each column saved, summed over all trees.
    fn gains(&self, width: usize) -> Result<Vec<f64>> {
        let dump = self.engine.dump_model(true, None).map_err(advised("read the trees", ADVICE_ON_A_MODEL))?;
        gains_of(&dump, width)
    }

    /// XGBoost's own format, which it writes when the name ends in `.ubj`.
    fn save(&self, path: &Path) -> Result<()> {
        self.engine.save(path).map_err(failed("save the trees"))?;
        // XGBoost does not look whether its last bytes reached the disk: a full one goes unnoticed.
        checked(path)?.map_err(|problem| Error::file("write", path)(std::io::Error::other(problem)))
    }
}

/// Trees fitted to these values, which have the shape of the rows' matrix.
fn boosted(
    rows: &Rows<'_>,
    values: &[f32],
    parameters: HashMap<String, String>,
    rounds: u32,
    after_round: &mut dyn FnMut() -> Result<()>,
) -> Result<Engine> {
    let mut data = data_matrix_of(values, rows.matrix)?;
    let labels: Vec<f32> = rows.labels.iter().map(|&label| f32::from(u8::from(label))).collect();
    data.set_labels(&labels).map_err(failed("hand the labels to XGBoost"))?;
    let mut engine = Engine::new_with_json_config(&[&data], parameters).map_err(failed("set up XGBoost"))?;
    for round in 0..rounds {
        engine.update(&data, round as i32).map_err(failed("fit the trees"))?;
        after_round()?;
    }
    Ok(engine)
}

fn parameters(settings: &XgboostSettings, scale_pos_weight: f64, threads: NonZeroUsize) -> HashMap<String, String> {
    [
        ("objective", "binary:logistic".to_owned()),
        ("eval_metric", "logloss".to_owned()),
        ("tree_method", "hist".to_owned()),
        ("max_depth", settings.max_depth.to_string()),
        ("eta", settings.eta.to_string()),
        ("subsample", settings.subsample.to_string()),
        ("colsample_bytree", settings.colsample_bytree.to_string()),
        ("scale_pos_weight", scale_pos_weight.to_string()),
        ("seed", settings.seed.to_string()),
        ("nthread", threads.to_string()),
        ("verbosity", "0".to_owned()),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

/// What is wrong with a file of trees, if it can be read at all.
fn checked(path: &Path) -> Result<Result<(), &'static str>> {
    Ok(trees_file::check(&std::fs::read(path).map_err(Error::file("read", path))?))
}

/// A model in the only format of the crate's buffers that is text, and so the only one that it can hand over.
fn json(engine: &Engine) -> Result<String, XGBError> {
    engine.save_to_buffer("json".to_owned())
}

/// NaN is the only missing value: 0 is a number.
fn data_matrix(matrix: &Matrix) -> Result<DMatrix> {
    data_matrix_of(&matrix.values, matrix)
}

/// These values in the shape of the matrix: row-major strides.
fn data_matrix_of(values: &[f32], shape: &Matrix) -> Result<DMatrix> {
    let cell = size_of::<f32>();
    DMatrix::from_col_major_f32(values, shape.width * cell, cell, shape.rows, shape.width, 1, f32::NAN)
        .map_err(failed("hand the matrix to XGBoost"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::fs::FileExt;

    use super::*;
    use crate::model::bundle::platt::sigmoid;
    use crate::model::sample::noise;

    const ONE: NonZeroUsize = NonZeroUsize::MIN;
    const TWO: NonZeroUsize = ONE.saturating_add(1);

    /// 200 rows of `[i, i mod 7, 0 or 1]`; churners are the rows with a 0 in the last column and i mod 7 > 2.
    fn sample() -> (Matrix, Vec<bool>) {
        let rows: Vec<[f32; 3]> = (0..200_u16).map(|i| [f32::from(i), f32::from(i % 7), f32::from(i % 2)]).collect();
        let labels = rows.iter().map(|row| row[2] == 0.0 && row[1] > 2.0).collect();
        let values = rows.concat();
        (Matrix { values, rows: 200, width: 3, unseen: BTreeMap::new() }, labels)
    }

    /// Fits with churners that are together as heavy as the stayers.
    fn fit(
        rows: &Rows<'_>,
        settings: &XgboostSettings,
        threads: NonZeroUsize,
        after_round: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Booster> {
        Booster::fit_weighted(rows, rows.scale_pos_weight(), settings, threads, after_round)
    }

    fn fitted(matrix: &Matrix, labels: &[bool], threads: NonZeroUsize) -> Booster {
        let settings = XgboostSettings { rounds: 30, eta: 0.3, ..XgboostSettings::default() };
        fit(&Rows { matrix, labels }, &settings, threads, &mut || Ok(())).unwrap()
    }

    #[test]
    fn every_round_is_fitted_and_reported() {
        let (matrix, labels) = sample();
        let settings = XgboostSettings { rounds: 23, ..XgboostSettings::default() };
        let mut rounds = 0;
        let mut count = || {
            rounds += 1;
            Ok(())
        };
        let booster = fit(&Rows { matrix: &matrix, labels: &labels }, &settings, ONE, &mut count).unwrap();
        assert_eq!(rounds, 23);
        let trees =
            booster.engine.dump_model(false, None).unwrap().lines().filter(|line| line.starts_with("0:")).count();
        assert_eq!(trees, 23);
    }

    #[test]
    fn an_error_after_a_round_ends_the_fit() {
        let (matrix, labels) = sample();
        let settings = XgboostSettings::default();
        let rows = Rows { matrix: &matrix, labels: &labels };
        let stopped = fit(&rows, &settings, ONE, &mut || Err(Error::Cancelled));
        assert!(matches!(stopped, Err(Error::Cancelled)));
    }

    #[test]
    fn zero_is_a_number_and_not_missing() {
        // Churners have 0, stayers 1, a third group is missing and mixed: only a model that tells
        // 0 from missing can give the three groups three margins.
        let values: Vec<f32> = (0..300_u16).map(|i| [0.0, 1.0, f32::NAN][usize::from(i % 3)]).collect();
        let labels: Vec<bool> = (0..300).map(|i| i % 3 == 0 || (i % 3 == 2 && i % 2 == 0)).collect();
        let matrix = Matrix { values, rows: 300, width: 1, unseen: BTreeMap::new() };
        let margins = fitted(&matrix, &labels, ONE).margins(&matrix).unwrap();
        assert!(sigmoid(margins[0]) > 0.9 && sigmoid(margins[1]) < 0.1, "{:?}", &margins[..3]);
        assert!((0.2..0.8).contains(&sigmoid(margins[2])), "{:?}", &margins[..3]);
    }

    #[test]
    fn contributions_and_bias_sum_to_the_margin() {
        let (matrix, labels) = sample();
        let booster = fitted(&matrix, &labels, ONE);
        let contributions = booster.contributions(&matrix).unwrap();
        for (row, margin) in booster.margins(&matrix).unwrap().into_iter().enumerate() {
            let sum: f64 = contributions[row * 4..(row + 1) * 4].iter().map(|&value| f64::from(value)).sum();
            assert!((sum - margin).abs() < 1e-4, "row {row}: {sum} against {margin}");
        }
    }

    /// Customers as gold has them: numbers with gaps, whole numbers, and the columns of a category of three.
    fn customers() -> (Matrix, Vec<bool>) {
        let number = |i: u32, salt: u32| noise(i, salt) as f32 / 10.0;
        let row = |i: u32| {
            let gap = if noise(i, 31) < 20 { f32::NAN } else { number(i, 32) };
            let category = noise(i, 33) % 3;
            let one_hot = [0, 1, 2].map(|other| f32::from(u8::from(category == other)));
            [gap, number(i, 34) - 5.0, (noise(i, 35) / 20) as f32, one_hot[0], one_hot[1], one_hot[2]]
        };
        let label = |i: u32| {
            let likely = 10 + 30 * u32::from(noise(i, 33).is_multiple_of(3)) + noise(i, 32) / 4 + noise(i, 34) / 5;
            noise(i, 36) < likely
        };
        let values = (0..600).flat_map(row).collect();
        (Matrix { values, rows: 600, width: 6, unseen: BTreeMap::new() }, (0..600).map(label).collect())
    }

    fn fitted_to_depth(max_depth: u32, matrix: &Matrix, labels: &[bool]) -> Booster {
        let settings = XgboostSettings { rounds: 60, eta: 0.1, max_depth, ..XgboostSettings::default() };
        fit(&Rows { matrix, labels }, &settings, ONE, &mut || Ok(())).unwrap()
    }

    #[test]
    fn contributions_by_table_are_xgboosts_own() {
        let (matrix, labels) = customers();
        for depth in [1, 2, 3] {
            let booster = fitted_to_depth(depth, &matrix, &labels);
            assert!(booster.shallow_trees().unwrap().is_some(), "depth {depth}");
            let own = booster.contributions_of_engine(&matrix).unwrap();
            let by_table = booster.contributions(&matrix).unwrap();
            assert_eq!(by_table.len(), own.len());
            for (cell, (by_table, own)) in by_table.iter().zip(&own).enumerate() {
                assert!((by_table - own).abs() < 1e-6, "depth {depth}, cell {cell}: {by_table} instead of {own}");
            }
            assert!(own.iter().any(|value| value.abs() > 0.1), "depth {depth}: there is something to compare");
        }
    }

    #[test]
    fn a_fit_without_the_zeros_of_flags_is_the_fit_with_them_to_the_last_byte() {
        let (matrix, labels) = customers();
        let rows = Rows { matrix: &matrix, labels: &labels };
        let folder = tempfile::tempdir().unwrap();
        let saved = |name: &str, booster: &Booster| {
            let path = folder.path().join(format!("{name}.ubj"));
            booster.save(&path).unwrap();
            std::fs::read(path).unwrap()
        };
        for (max_depth, churner) in [(1, 1.0), (2, rows.scale_pos_weight()), (3, rows.scale_pos_weight()), (6, 1.0)] {
            let settings = XgboostSettings { rounds: 60, eta: 0.1, max_depth, ..XgboostSettings::default() };
            let with_zeros = parameters(&settings, churner, ONE);
            let with_zeros = boosted(&rows, &matrix.values, with_zeros, settings.rounds, &mut || Ok(())).unwrap();
            let without = Booster::fit_weighted(&rows, churner, &settings, ONE, &mut || Ok(())).unwrap();
            let dump = with_zeros.dump_model(false, None).unwrap();
            assert!(dump.contains("[f3<1]") || dump.contains("[f4<1]") || dump.contains("[f5<1]"), "{dump}");
            assert!(saved("with", &Booster::of(with_zeros)) == saved("without", &without), "depth {max_depth}");
        }
    }

    #[test]
    fn deeper_trees_are_explained_by_xgboost() {
        let (matrix, labels) = customers();
        let booster = fitted_to_depth(5, &matrix, &labels);
        assert!(booster.shallow_trees().unwrap().is_none());
        assert_eq!(booster.contributions(&matrix).unwrap(), booster.contributions_of_engine(&matrix).unwrap());
    }

    #[test]
    fn a_loaded_model_contributes_the_same_bits_and_some_rows_the_same_as_all() {
        let (matrix, labels) = customers();
        let booster = fitted_to_depth(3, &matrix, &labels);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.ubj");
        booster.save(&path).unwrap();
        let loaded = Booster::load(&path).unwrap();
        let all = booster.contributions(&matrix).unwrap();
        assert_eq!(loaded.contributions(&matrix).unwrap(), all);
        let some: [usize; 3] = [599, 3, 64];
        let of_some: Vec<f32> = some.iter().flat_map(|row| all[row * 7..(row + 1) * 7].to_vec()).collect();
        assert_eq!(loaded.contributions(&matrix.take(&some)).unwrap(), of_some);
    }

    #[test]
    fn the_gain_is_where_the_signal_is() {
        let (matrix, labels) = sample();
        let gains = fitted(&matrix, &labels, ONE).gains(3).unwrap();
        assert!(gains[1] > 10.0 * gains[0] && gains[2] > 10.0 * gains[0], "{gains:?}");
    }

    #[test]
    fn trees_that_cannot_be_read_say_what_to_do() {
        let (matrix, labels) = sample();
        let gains = fitted(&matrix, &labels, ONE).gains(1);
        let Err(Error::Model { problem, .. }) = &gains else { panic!("{gains:?}") };
        assert!(problem.contains("train again or roll back to another version"), "{problem}");
        let taken = Booster::of_fitted("{}");
        let Err(Error::Model { problem, .. }) = &taken else { panic!("{taken:?}") };
        assert!(problem.contains("training again ends here too") && problem.lines().count() == 1, "{problem}");
    }

    #[test]
    fn a_saved_model_predicts_the_same_bits_and_the_threads_change_no_byte() {
        // More than XGBoost gives to one thread at a time.
        let (matrix, labels) = customers();
        let folder = tempfile::tempdir().unwrap();
        let save = |name: &str, threads| {
            let booster = fitted(&matrix, &labels, threads);
            let path = folder.path().join(name);
            booster.save(&path).unwrap();
            (booster, path)
        };
        let ((booster, path), (_, twin)) = (save("one.ubj", ONE), save("two.ubj", TWO));
        let loaded = Booster::load(&path).unwrap();
        assert_eq!(loaded.margins(&matrix).unwrap(), booster.margins(&matrix).unwrap());
        assert_eq!(std::fs::read(path).unwrap(), std::fs::read(twin).unwrap());
    }

    #[test]
    fn no_damage_to_a_file_of_trees_ends_the_process() {
        let (matrix, labels) = sample();
        let settings = XgboostSettings { rounds: 2, eta: 0.3, ..XgboostSettings::default() };
        let rows = Rows { matrix: &matrix, labels: &labels };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.ubj");
        fit(&rows, &settings, ONE, &mut || Ok(())).unwrap().save(&path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let (mut answers, mut errors) = (0, 0);
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        let mut read = |damaged: &[u8]| {
            // Not cut to nothing first, which makes some file systems wait for the disk.
            file.set_len(damaged.len() as u64).unwrap();
            file.write_all_at(damaged, 0).unwrap();
            let ask = |booster: Booster| -> Result<Vec<f32>> {
                booster.margins(&matrix)?;
                booster.gains(3)?;
                booster.contributions(&matrix)
            };
            match Booster::load(&path).and_then(ask) {
                Ok(_) => answers += 1,
                Err(Error::Model { .. }) => errors += 1,
                Err(other) => panic!("{other}"),
            }
        };
        let mut damaged = whole.clone();
        for place in 0..whole.len() {
            damaged[place] = whole[place] ^ 1 << (place % 8);
            read(&damaged);
            damaged[place] = whole[place];
            read(&whole[..place]);
        }
        println!("{} bytes: {answers} answers, {errors} errors", whole.len());
        assert!(answers > 0 && errors > whole.len(), "{answers} answers, {errors} errors");
    }

    #[test]
    fn a_missing_or_broken_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.ubj");
        assert!(matches!(Booster::load(&path), Err(Error::File { .. })));
        std::fs::write(&path, b"not a model").unwrap();
        assert!(matches!(Booster::load(&path), Err(Error::Model { .. })));
    }
}
