//! TreeSHAP of shallow trees, by table: what XGBoost's own says, in less time.
//!
//! The features on the way to a leaf are the players of a game. One who is known goes the customer's way, one who is not
//! goes both ways, each as often as the rows of the training did (XGBoost's cover). A feature's contribution is its
//! Shapley value, times what the leaf says: Lundberg, Erion and Lee 2018, <https://arxiv.org/abs/1802.03888>, "path
//! dependent". All that a tree of depth three can contribute depends on seven answers, each yes or no: a table of 128
//! rows, made once. A customer then costs seven comparisons and as many sums a tree.

use super::failures::ADVICE_ON_A_MODEL;
use super::trees_json::{Model, Node, Tree};
use crate::error::{Error, Result};
use crate::model::matrix::Matrix;

/// Splits on the way to a leaf: with one more the table of a tree would have 32,768 rows.
const DEEPEST: usize = 3;
/// Rows that go through all trees together: they, their sums and one table stay near the processor.
const ROWS_AT_ONCE: usize = 64;

/// The trees of a model, as tables.
pub(super) struct ShallowTrees {
    /// Columns of the matrix.
    width: usize,
    /// What the model says of somebody of whom nothing is known.
    base: f64,
    tables: Vec<Table>,
}

/// What one tree can contribute.
struct Table {
    splits: Vec<Split>,
    /// Those that the tree splits on, each once.
    columns: Vec<usize>,
    /// Of each pattern of answers to the splits (bit n: the answer to split n) one value per column. Of 32 bits,
    /// for half the memory: they are off by less than XGBoost's own sums of 32 bits, and the sums here have 64.
    values: Vec<f32>,
    /// The mean of the tree, weighed by cover.
    expected: f64,
}

/// A question: is the value of a column below a number?
struct Split {
    column: usize,
    below: f32,
    is_missing_below: bool,
}

/// A leaf, and the columns that decide whether a row comes to it.
struct Leaf {
    value: f64,
    players: Vec<Player>,
}

/// A column on the way to a leaf.
#[derive(Clone)]
struct Player {
    /// In the columns of the tree.
    place: usize,
    /// The splits on it, as bits.
    asked: usize,
    /// The answers to them that lead to the leaf.
    wanted: usize,
    /// The share of the rows that goes on to the leaf where the column is not known.
    unknown: f64,
}

/// Why a tree has no table.
enum NoTable {
    TooDeep,
    /// It leads out of its own nodes or columns.
    Broken,
}

impl ShallowTrees {
    /// Reads a model as XGBoost writes it in JSON; nothing where a tree is too deep.
    pub fn read(json: &str) -> Result<Option<Self>> {
        let model = Model::parse(json)?;
        let width = model.columns;
        let tables: Result<Vec<Table>, NoTable> = model.trees.iter().map(|tree| Table::of(tree, width)).collect();
        match tables {
            Ok(tables) if width > 0 => {
                let base = model.base_margin + tables.iter().map(|table| table.expected).sum::<f64>();
                Ok(Some(Self { width, base, tables }))
            }
            Err(NoTable::TooDeep) => Ok(None),
            Ok(_) | Err(NoTable::Broken) => {
                let problem = format!("a tree leads out of its nodes or columns; {ADVICE_ON_A_MODEL}");
                Err(Error::model("read the trees", problem))
            }
        }
    }

    /// Per row one value per column and the bias last.
    pub fn contributions(&self, matrix: &Matrix) -> Result<Vec<f32>> {
        if matrix.width != self.width {
            let problem = format!("the trees are of {} columns, and here are {}", self.width, matrix.width);
            return Err(Error::model("explain", format!("{problem}; was the model trained on other columns?")));
        }
        let wide = self.width + 1;
        let mut contributions = Vec::with_capacity(matrix.rows * wide);
        for rows in matrix.values.chunks(ROWS_AT_ONCE * self.width) {
            let mut sums = vec![0.0; rows.len() / self.width * wide];
            for table in &self.tables {
                for (row, sums) in rows.chunks_exact(self.width).zip(sums.chunks_exact_mut(wide)) {
                    table.add(row, sums);
                }
            }
            for sums in sums.chunks_exact_mut(wide) {
                sums[self.width] = self.base;
            }
            contributions.extend(sums.into_iter().map(|sum| sum as f32));
        }
        Ok(contributions)
    }
}

impl Table {
    fn of(tree: &Tree, width: usize) -> Result<Self, NoTable> {
        let mut walk = Walk { tree, width, splits: Vec::new(), columns: Vec::new(), leaves: Vec::new() };
        walk.visit(0, &[], DEEPEST)?;
        let Walk { splits, columns, leaves, .. } = walk;
        let values = (0..1 << splits.len()).flat_map(|pattern| contributed(&leaves, pattern, columns.len()));
        let values = values.map(|value| value as f32).collect();
        let expected = leaves.iter().map(Leaf::expected).sum();
        Ok(Self { splits, columns, values, expected })
    }

    fn add(&self, row: &[f32], sums: &mut [f64]) {
        let mut pattern = 0;
        for (bit, split) in self.splits.iter().enumerate() {
            pattern |= usize::from(split.is_below(row)) << bit;
        }
        let values = &self.values[pattern * self.columns.len()..];
        for (&column, &value) in self.columns.iter().zip(values) {
            sums[column] += f64::from(value);
        }
    }
}

impl Split {
    fn is_below(&self, row: &[f32]) -> bool {
        let value = row[self.column];
        if value.is_nan() { self.is_missing_below } else { value < self.below }
    }
}

/// What all leaves together give to each of the tree's columns, where the splits are answered so.
fn contributed(leaves: &[Leaf], pattern: usize, columns: usize) -> Vec<f64> {
    let mut values = vec![0.0; columns];
    for leaf in leaves {
        for (own, player) in leaf.players.iter().enumerate() {
            values[player.place] += leaf.value * leaf.worth(own, pattern);
        }
    }
    values
}

impl Leaf {
    /// What the leaf adds to the mean of the tree.
    fn expected(&self) -> f64 {
        self.value * self.players.iter().map(|player| player.unknown).product::<f64>()
    }

    /// The Shapley value of a player in the game whether a row comes to the leaf.
    fn worth(&self, own: usize, pattern: usize) -> f64 {
        let others = self.players.iter().enumerate().filter(|(place, _)| *place != own);
        let mut others = others.map(|(_, other)| (other.known(pattern), other.unknown));
        // Of n players, k others are known before this one in k! (n - k - 1)! / n! of all orders.
        let of_others = match (others.next(), others.next()) {
            (None, _) => 1.0,
            (Some((known, unknown)), None) => f64::midpoint(known, unknown),
            (Some((known, unknown)), Some((known_too, unknown_too))) => {
                (known * known_too + unknown * unknown_too) / 3.0 + (known * unknown_too + unknown * known_too) / 6.0
            }
        };
        let player = &self.players[own];
        (player.known(pattern) - player.unknown) * of_others
    }
}

impl Player {
    /// 1 where the answers lead to the leaf, 0 where one leads away.
    fn known(&self, pattern: usize) -> f64 {
        f64::from(u8::from(pattern & self.asked == self.wanted))
    }
}

/// A walk over all nodes of a tree, and what it has found so far.
struct Walk<'a> {
    tree: &'a Tree,
    width: usize,
    splits: Vec<Split>,
    columns: Vec<usize>,
    leaves: Vec<Leaf>,
}

impl Walk<'_> {
    /// `way` has led to this node; so many splits may still come.
    fn visit(&mut self, node: usize, way: &[Player], depth: usize) -> Result<(), NoTable> {
        match self.tree.node(node).ok_or(NoTable::Broken)? {
            Node::Leaf { value } => {
                self.leaves.push(Leaf { value: f64::from(value), players: way.to_vec() });
                Ok(())
            }
            Node::Split { column, below, is_missing_below, children } => {
                let depth = depth.checked_sub(1).ok_or(NoTable::TooDeep)?;
                if column >= self.width {
                    return Err(NoTable::Broken);
                }
                let bit = 1 << self.splits.len();
                self.splits.push(Split { column, below, is_missing_below });
                let place = self.place(column);
                for (child, answer) in children.into_iter().zip([bit, 0]) {
                    let step = Player { place, asked: bit, wanted: answer, unknown: child.share };
                    self.visit(child.node, &longer(way, step), depth)?;
                }
                Ok(())
            }
        }
    }

    fn place(&mut self, column: usize) -> usize {
        let known = self.columns.iter().position(|&other| other == column);
        known.unwrap_or_else(|| {
            self.columns.push(column);
            self.columns.len() - 1
        })
    }
}

/// A way with one step more. A column that was asked before stays one player.
fn longer(way: &[Player], step: Player) -> Vec<Player> {
    let mut way = way.to_vec();
    if let Some(player) = way.iter_mut().find(|player| player.place == step.place) {
        player.asked |= step.asked;
        player.wanted |= step.wanted;
        player.unknown *= step.unknown;
    } else {
        way.push(step);
    }
    way
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A model of two columns with one tree: a split on the second column, or a leaf alone.
    fn model(base_score: &str, tree: &str) -> String {
        let parameters = format!(r#"{{"base_score":"{base_score}","num_class":"0","num_feature":"2"}}"#);
        format!(
            r#"{{"learner":{{"gradient_booster":{{"model":{{"trees":[{tree}]}},"name":"gbtree"}},
                "learner_model_param":{parameters}}},"version":[1,6,2]}}"#
        )
    }

    /// 4 of 10 go left and get 1, the others -1; missing goes right.
    const SPLIT: &str = r#"{"left_children":[1,-1,-1],"right_children":[2,-1,-1],"split_indices":[1,0,0],
        "split_conditions":[5E-1,1E0,-1E0],"default_left":[0,0,0],"sum_hessian":[1E1,4E0,6E0]}"#;
    const LEAF: &str = r#"{"left_children":[-1],"right_children":[-1],"split_indices":[0],
        "split_conditions":[2.5E-1],"default_left":[0],"sum_hessian":[1E1]}"#;

    fn contributions(json: &str, values: &[f32]) -> Vec<f32> {
        let matrix = Matrix { values: values.to_vec(), rows: values.len() / 2, width: 2, unseen: BTreeMap::new() };
        ShallowTrees::read(json).unwrap().unwrap().contributions(&matrix).unwrap()
    }

    #[test]
    fn one_split_gives_its_column_what_the_leaf_differs_from_the_mean() {
        // The mean is .4 - .6; a value of the number itself is not below it.
        let rows = [7.0, 0.4, 7.0, 0.5, 7.0, f32::NAN];
        assert_eq!(contributions(&model("5E-1", SPLIT), &rows), [0.0, 1.2, -0.2, 0.0, -0.8, -0.2, 0.0, -0.8, -0.2]);
    }

    #[test]
    fn a_leaf_alone_and_the_score_before_the_first_tree_are_in_the_base_value() {
        assert_eq!(contributions(&model("5E-1", LEAF), &[1.0, 2.0]), [0.0, 0.0, 0.25]);
        let [_, _, base] = contributions(&model("2.5E-1", LEAF), &[1.0, 2.0])[..] else { panic!("one row") };
        assert!((base - (0.25 - 3.0_f32.ln())).abs() < 1e-6, "{base}");
    }

    #[test]
    fn what_leads_nowhere_is_an_error_and_other_columns_are_too() {
        let no_node = SPLIT.replace("[1,-1,-1]", "[7,-1,-1]");
        let no_column = SPLIT.replace("[1,0,0]", "[2,0,0]");
        for tree in [no_node.as_str(), no_column.as_str(), "{}"] {
            let read = ShallowTrees::read(&model("5E-1", tree)).map(|trees| trees.is_some());
            let Err(Error::Model { problem, .. }) = &read else { panic!("{tree}: {read:?}") };
            assert!(problem.contains("train again or roll back to another version"), "{problem}");
        }
        let trees = ShallowTrees::read(&model("5E-1", SPLIT)).unwrap().unwrap();
        let wide = Matrix { values: vec![0.0; 3], rows: 1, width: 3, unseen: BTreeMap::new() };
        assert!(trees.contributions(&wide).unwrap_err().to_string().contains("2 columns, and here are 3"));
    }
}
