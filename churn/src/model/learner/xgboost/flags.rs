//! Columns of 0 and 1, which XGBoost is given without their zeros.
//!
//! It adds to a histogram for every value that is there, and two thirds of what a customer is told by are zeros: of a
//! category one column says 1. A zero that is left out is missing to XGBoost, and what is missing goes to one side of a
//! split of that column as what is 0 does, so that the same splits are found in three quarters of the time. Behind the
//! fit the trees are told in numbers again, as XGBoost tells them of columns with their zeros: nobody else sees that
//! they were left out. Sums of one side of a split are then differences: they are of 64 bits, of numbers of 32, and no
//! byte of a saved model was seen to change.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::failures::ADVICE_ON_A_FIT;
use crate::error::{Error, Result};
use crate::model::matrix::Matrix;

/// Which columns hold 0 and 1, both and nothing else.
pub(super) struct Flags(Vec<bool>);

const NO_NODE: i32 = -1;
/// Where a split on such a column is told: 0 is below it, 1 is not.
const BETWEEN: f32 = 1.0;

impl Flags {
    pub fn of(matrix: &Matrix) -> Self {
        let mut seen = vec![[false; 2]; matrix.width];
        let mut is_flag = vec![true; matrix.width];
        for row in matrix.values.chunks_exact(matrix.width.max(1)) {
            for (column, &value) in row.iter().enumerate() {
                let (is_zero, is_one) = (value == 0.0, value == 1.0);
                seen[column][0] |= is_zero;
                seen[column][1] |= is_one;
                is_flag[column] &= is_zero || is_one;
            }
        }
        Self(is_flag.into_iter().zip(seen).map(|(is_flag, seen)| is_flag && seen == [true; 2]).collect())
    }

    pub fn are_none(&self) -> bool {
        !self.0.contains(&true)
    }

    /// The matrix with nothing in place of the zeros of these columns.
    pub fn without_zeros<'a>(&self, matrix: &'a Matrix) -> Cow<'a, [f32]> {
        if self.are_none() {
            return Cow::Borrowed(&matrix.values);
        }
        let columns = self.0.iter().cycle();
        let leave_out = |(&value, &is_flag): (&f32, &bool)| if is_flag && value == 0.0 { f32::NAN } else { value };
        Cow::Owned(matrix.values.iter().zip(columns).map(leave_out).collect())
    }

    /// A model in JSON that was fitted without the zeros, as if it had been with them.
    pub fn told_in_numbers(&self, json: &str) -> Result<String> {
        let unreadable = |problem: &dyn std::fmt::Display| {
            Error::model("read the trees that were just fitted", format!("{problem}; {ADVICE_ON_A_FIT}"))
        };
        let mut model: Value = serde_json::from_str(json).map_err(|e| unreadable(&e))?;
        let trees = model.pointer_mut("/learner/gradient_booster/model/trees").and_then(Value::as_array_mut);
        for tree in trees.ok_or_else(|| unreadable(&"the model has none"))? {
            self.tell_in_numbers(tree).ok_or_else(|| unreadable(&"a tree is not as XGBoost 1.6 writes it"))?;
        }
        serde_json::to_string(&model).map_err(|e| unreadable(&e))
    }

    fn tell_in_numbers(&self, tree: &mut Value) -> Option<()> {
        let mut splits = Splits::read(tree)?;
        for node in 0..splits.left.len() {
            if splits.left[node] != NO_NODE && *self.0.get(splits.columns[node])? {
                splits.put_zeros_left(node)?;
            }
        }
        let order = splits.order()?;
        splits.renumber(&order)?;
        splits.write(tree, &order)
    }
}

/// The lists of a tree that say where a row goes; each has an entry per node.
struct Splits {
    left: Vec<i32>,
    right: Vec<i32>,
    parents: Vec<i32>,
    columns: Vec<usize>,
    conditions: Vec<f32>,
    default_left: Vec<u8>,
}

impl Splits {
    fn read(tree: &Value) -> Option<Self> {
        let splits = Self {
            left: list(tree, "left_children")?,
            right: list(tree, "right_children")?,
            parents: list(tree, "parents")?,
            columns: list(tree, "split_indices")?,
            conditions: list(tree, "split_conditions")?,
            default_left: list(tree, "default_left")?,
        };
        let nodes = splits.left.len();
        let others = [splits.right.len(), splits.parents.len(), splits.columns.len(), splits.conditions.len()];
        (nodes > 0 && others == [nodes; 4] && splits.default_left.len() == nodes).then_some(splits)
    }

    /// The split of a flag that asks whether it is missing becomes one that asks whether it is below 1.
    fn put_zeros_left(&mut self, node: usize) -> Option<()> {
        let zeros_go_left = self.default_left[node] != 0;
        let ones_go_left = BETWEEN < self.conditions[node];
        if zeros_go_left == ones_go_left {
            return None;
        }
        if ones_go_left {
            std::mem::swap(&mut self.left[node], &mut self.right[node]);
        }
        self.conditions[node] = BETWEEN;
        // Where nothing is missing XGBoost says that it would go to the right.
        self.default_left[node] = 0;
        Some(())
    }

    /// The nodes as XGBoost numbers them: level by level, from left to right.
    fn order(&self) -> Option<Vec<usize>> {
        let mut order = vec![0];
        let mut at = 0;
        while let Some(&node) = order.get(at) {
            if self.left[node] != NO_NODE {
                let children = [self.left[node], self.right[node]].map(usize::try_from);
                for child in children {
                    order.push(child.ok().filter(|child| *child < self.left.len())?);
                }
            }
            at += 1;
            if order.len() > self.left.len() {
                return None;
            }
        }
        (order.len() == self.left.len()).then_some(order)
    }

    /// Gives the links the numbers of the new order.
    fn renumber(&mut self, order: &[usize]) -> Option<()> {
        let mut number = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            number[old] = i32::try_from(new).ok()?;
        }
        let is_node = |link: i32| usize::try_from(link).ok().filter(|node| *node < order.len());
        for link in self.left.iter_mut().chain(&mut self.right).chain(&mut self.parents) {
            // A leaf has no children and the root no parent: what stands there is no node.
            if let Some(node) = is_node(*link) {
                *link = number[node];
            }
        }
        Some(())
    }

    /// Puts the lists back, and all of them in the new order.
    fn write(self, tree: &mut Value, order: &[usize]) -> Option<()> {
        put(tree, "left_children", &self.left)?;
        put(tree, "right_children", &self.right)?;
        put(tree, "parents", &self.parents)?;
        put(tree, "split_conditions", &self.conditions)?;
        put(tree, "default_left", &self.default_left)?;
        for values in tree.as_object_mut()?.values_mut().filter_map(Value::as_array_mut) {
            // Lists of categories have no entries here.
            if values.len() == order.len() {
                *values = order.iter().map(|&old| values[old].take()).collect();
            }
        }
        Some(())
    }
}

fn list<T: DeserializeOwned>(tree: &Value, name: &str) -> Option<Vec<T>> {
    serde_json::from_value(tree.get(name)?.clone()).ok()
}

fn put<T: Serialize>(tree: &mut Value, name: &str, values: &[T]) -> Option<()> {
    *tree.get_mut(name)? = serde_json::to_value(values).ok()?;
    Some(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn matrix(rows: &[[f32; 5]]) -> Matrix {
        Matrix { values: rows.concat(), rows: rows.len(), width: 5, unseen: BTreeMap::new() }
    }

    #[test]
    fn a_flag_holds_0_and_1_and_nothing_else() {
        let matrix = matrix(&[[0.0, 1.0, 0.0, 0.0, f32::NAN], [1.0, 0.0, 0.0, 2.0, 1.0], [0.0, -0.0, 0.0, 1.0, 0.0]]);
        let flags = Flags::of(&matrix);
        assert_eq!(flags.0, [true, true, false, false, false]);
        let cells: Vec<String> = flags.without_zeros(&matrix).iter().map(f32::to_string).collect();
        let expected = "NaN 1 0 0 NaN 1 NaN 0 2 1 NaN NaN 0 1 0";
        assert_eq!(cells.join(" "), expected);
    }

    #[test]
    fn where_there_are_no_flags_nothing_is_copied() {
        let matrix = matrix(&[[0.0, 2.0, 3.0, 4.0, 5.0]]);
        let flags = Flags::of(&matrix);
        assert!(flags.are_none() && matches!(flags.without_zeros(&matrix), Cow::Borrowed(_)));
    }

    /// A root that asks for a flag, with ones on the left, and below it a leaf and a split of a number.
    fn model(default_left: u8) -> String {
        format!(
            r#"{{"learner":{{"gradient_booster":{{"model":{{"trees":[{{"base_weights":[0,1,2,3,4],"categories":[],
            "default_left":[{default_left},0,1,0,0],"left_children":[1,-1,3,-1,-1],"right_children":[2,-1,4,-1,-1],
            "parents":[2147483647,0,0,2,2],"split_conditions":[2.00001,0.5,7.5,-0.25,0.125],
            "split_indices":[0,0,1,0,0]}}]}}}}}}}}"#
        )
    }

    #[test]
    fn zeros_go_to_the_left_and_nodes_are_numbered_level_by_level() {
        let told = Flags(vec![true, false]).told_in_numbers(&model(0)).unwrap();
        let told: Value = serde_json::from_str(&told).unwrap();
        let tree = told.pointer("/learner/gradient_booster/model/trees/0").unwrap();
        let expected = serde_json::json!({
            "base_weights": [0, 2, 1, 3, 4], "categories": [],
            "default_left": [0, 1, 0, 0, 0], "left_children": [1, 3, -1, -1, -1], "right_children": [2, 4, -1, -1, -1],
            "parents": [2_147_483_647, 0, 0, 1, 1], "split_conditions": [1.0, 7.5, 0.5, -0.25, 0.125],
            "split_indices": [0, 1, 0, 0, 0],
        });
        assert_eq!(tree, &expected);
    }

    #[test]
    fn a_split_that_does_not_part_zeros_from_ones_and_a_tree_of_other_links_are_errors() {
        let flags = Flags(vec![true, false]);
        for model in
            [model(1), model(0).replace("[2,-1,4", "[2,-1,9"), model(0).replace("[2,-1,4", "[2,-1,-1"), "{}".to_owned()]
        {
            let told = flags.told_in_numbers(&model);
            let Err(Error::Model { problem, .. }) = &told else { panic!("{told:?}") };
            assert!(problem.contains("training again ends here too"), "{problem}");
        }
    }
}
