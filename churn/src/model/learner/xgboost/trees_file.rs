//! `model.ubj` held against itself before XGBoost's C++ code reads it.
//!
//! That code believes lengths and node numbers: a flipped bit can end the process, or lead a walk down a
//! tree out of it. A file that passes here is whole, and every walk stays in its tree and ends in a leaf.
//! Whether the numbers in the leaves are right is the digest's to know.

use std::collections::BTreeMap;

use super::ubjson::{Value, parse};

/// What is wrong, or nothing.
type Checked<T> = Result<T, &'static str>;

type Object<'a> = BTreeMap<&'a str, Value<'a>>;

/// Checks the bytes of a file that was written with the settings of this crate's trainings.
pub(super) fn check(bytes: &[u8]) -> Checked<()> {
    let Ok(Value::Object(file)) = parse(bytes) else { return Err("the file is not whole") };
    let learner = object(&file, "learner")?;
    let parameters = object(learner, "learner_model_param")?;
    if text(parameters, "num_class")? != "0" || text(parameters, "num_target")? != "1" {
        return Err("the model answers another question than one of two classes");
    }
    let columns = number(parameters, "num_feature")?;
    let booster = object(learner, "gradient_booster")?;
    if text(booster, "name")? != "gbtree" || text(object(learner, "objective")?, "name")? != "binary:logistic" {
        return Err("the model is of another kind");
    }
    check_trees(object(booster, "model")?, columns)
}

fn check_trees(model: &Object<'_>, columns: usize) -> Checked<()> {
    let trees = list(model, "trees")?;
    let parameters = object(model, "gbtree_model_param")?;
    if number(parameters, "num_trees")? != trees.len() || text(parameters, "size_leaf_vector")? != "0" {
        return Err("the trees are not as many as the file says");
    }
    let of_one_class = list(model, "tree_info")?.iter().map(|class| *class == Value::Integer(0));
    if of_one_class.clone().count() != trees.len() || !of_one_class.into_iter().all(|is_first| is_first) {
        return Err("a tree belongs to no class");
    }
    for (place, tree) in trees.iter().enumerate() {
        let Value::Object(tree) = tree else { return Err("a tree is none") };
        if tree.get("id") != Some(&Value::Integer(place as i64)) {
            return Err("the trees are not in their order");
        }
        Tree::of(tree, columns)?.check(columns)?;
    }
    Ok(())
}

/// The arrays of one tree that decide where a walk goes; each has an entry per node.
struct Tree<'a> {
    left: &'a [[u8; 4]],
    right: &'a [[u8; 4]],
    parents: &'a [[u8; 4]],
    split_columns: &'a [[u8; 4]],
}

const NO_NODE: i32 = -1;

impl<'a> Tree<'a> {
    fn of(tree: &'a Object<'a>, columns: usize) -> Checked<Self> {
        let parameters = object(tree, "tree_param")?;
        let nodes = number(parameters, "num_nodes")?;
        if nodes == 0 || number(parameters, "num_feature")? != columns || text(parameters, "size_leaf_vector")? != "0" {
            return Err("a tree has another shape than the model");
        }
        for name in ["base_weights", "loss_changes", "split_conditions", "sum_hessian"] {
            match tree.get(name) {
                Some(Value::Floats(values)) if values.len() == nodes => {}
                _ => return Err("a tree has not as many values as nodes"),
            }
        }
        let numerical = |kinds: &[u8]| kinds.len() == nodes && kinds.iter().all(|&kind| kind == 0);
        match (tree.get("default_left"), tree.get("split_type")) {
            (Some(Value::Bytes(sides)), Some(Value::Bytes(kinds))) if sides.len() == nodes && numerical(kinds) => {}
            _ => return Err("a tree has another kind of splits"),
        }
        for name in ["categories", "categories_nodes", "categories_segments", "categories_sizes"] {
            match tree.get(name) {
                Some(Value::Integers([]) | Value::LongIntegers([])) => {}
                _ => return Err("a tree splits by categories"),
            }
        }
        let numbers = |name: &str| match tree.get(name) {
            Some(Value::Integers(values)) if values.len() == nodes => Ok(*values),
            _ => Err("a tree has not as many links as nodes"),
        };
        Ok(Self {
            left: numbers("left_children")?,
            right: numbers("right_children")?,
            parents: numbers("parents")?,
            split_columns: numbers("split_indices")?,
        })
    }

    /// From the root, each node is reached once: by the parent that it names.
    fn check(&self, columns: usize) -> Checked<()> {
        let nodes = self.left.len();
        let at = |numbers: &[[u8; 4]], node: usize| i32::from_be_bytes(numbers[node]);
        let inside = |number: i32, limit: usize| usize::try_from(number).ok().filter(|&number| number < limit);
        if (1..nodes).any(|node| inside(at(self.parents, node), nodes).is_none()) {
            return Err("a node has no parent");
        }
        let mut to_visit = vec![0];
        while let Some(node) = to_visit.pop() {
            let children = [at(self.left, node), at(self.right, node)];
            if children == [NO_NODE; 2] {
                continue;
            }
            inside(at(self.split_columns, node), columns).ok_or("a split is on a column that there is not")?;
            for child in children {
                let child = inside(child, nodes).filter(|&child| child > 0 && at(self.parents, child) == node as i32);
                to_visit.push(child.ok_or("a node leads out of its tree")?);
            }
            if children[0] == children[1] {
                return Err("a node leads to one node twice");
            }
        }
        Ok(())
    }
}

fn object<'a>(parent: &'a Object<'a>, name: &str) -> Checked<&'a Object<'a>> {
    match parent.get(name) {
        Some(Value::Object(entries)) => Ok(entries),
        _ => Err("a part of the model is missing"),
    }
}

fn list<'a>(parent: &'a Object<'a>, name: &str) -> Checked<&'a [Value<'a>]> {
    match parent.get(name) {
        Some(Value::Array(values)) => Ok(values),
        _ => Err("a list of the model is missing"),
    }
}

/// XGBoost keeps its parameters as texts.
fn text<'a>(parent: &'a Object<'a>, name: &str) -> Checked<&'a str> {
    match parent.get(name) {
        Some(Value::Text(text)) => Ok(text),
        _ => Err("a parameter of the model is missing"),
    }
}

fn number(parent: &Object<'_>, name: &str) -> Checked<usize> {
    text(parent, name)?.parse().map_err(|_| "a parameter of the model is not a number")
}
