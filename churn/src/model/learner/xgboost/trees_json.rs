//! The trees of a model, as XGBoost 1.6 writes them in JSON: its documentation, "Introduction to Model IO".

use serde::Deserialize;

use super::failures::ADVICE_ON_A_MODEL;
use crate::error::{Error, Result};

/// What the file of a model says of its answers.
pub(super) struct Model {
    /// Columns of the matrix.
    pub columns: usize,
    /// Log-odds before the first tree.
    pub base_margin: f64,
    pub trees: Vec<Tree>,
}

/// A tree: of each node one entry in each list. The root is node 0.
#[derive(Deserialize)]
pub(super) struct Tree {
    left_children: Vec<i32>,
    right_children: Vec<i32>,
    split_indices: Vec<u32>,
    /// Of a leaf: what it says.
    split_conditions: Vec<f32>,
    default_left: Vec<u8>,
    /// The cover.
    sum_hessian: Vec<f32>,
}

/// A node of a tree.
pub(super) enum Node {
    Leaf {
        value: f32,
    },
    /// Rows whose value of the column is below the number go to the first child, with its share of the node's cover.
    Split {
        column: usize,
        below: f32,
        is_missing_below: bool,
        children: [Child; 2],
    },
}

/// A node below another.
pub(super) struct Child {
    pub node: usize,
    /// Of the parent's cover.
    pub share: f64,
}

const NO_NODE: i32 = -1;

impl Model {
    /// Reads the JSON text.
    pub fn parse(json: &str) -> Result<Self> {
        let unreadable =
            |problem: &dyn std::fmt::Display| Error::model("read the trees", format!("{problem}; {ADVICE_ON_A_MODEL}"));
        let File { learner } = serde_json::from_str(json).map_err(|e| unreadable(&e))?;
        let Parameters { base_score, num_feature } = learner.learner_model_param;
        let columns = num_feature.parse::<usize>().map_err(|e| unreadable(&e))?;
        let base_score = base_score.parse::<f32>().map_err(|e| unreadable(&e))?;
        let base_margin = f64::from(-(1.0 / base_score - 1.0).ln());
        Ok(Self { columns, base_margin, trees: learner.gradient_booster.model.trees })
    }
}

impl Tree {
    /// A node; nothing where the tree has no such node, or a split leads nowhere.
    pub fn node(&self, node: usize) -> Option<Node> {
        let (value, left) = (*self.split_conditions.get(node)?, *self.left_children.get(node)?);
        if left == NO_NODE {
            return Some(Node::Leaf { value });
        }
        let children = [self.child(node, left)?, self.child(node, *self.right_children.get(node)?)?];
        let column = *self.split_indices.get(node)? as usize;
        Some(Node::Split { column, below: value, is_missing_below: *self.default_left.get(node)? != 0, children })
    }

    fn child(&self, parent: usize, child: i32) -> Option<Child> {
        let node = usize::try_from(child).ok()?;
        let share = f64::from(*self.sum_hessian.get(node)?) / f64::from(*self.sum_hessian.get(parent)?);
        Some(Child { node, share })
    }
}

#[derive(Deserialize)]
struct File {
    learner: Learner,
}

#[derive(Deserialize)]
struct Learner {
    learner_model_param: Parameters,
    gradient_booster: Booster,
}

/// XGBoost keeps its parameters as texts.
#[derive(Deserialize)]
struct Parameters {
    base_score: String,
    num_feature: String,
}

#[derive(Deserialize)]
struct Booster {
    model: Trees,
}

#[derive(Deserialize)]
struct Trees {
    trees: Vec<Tree>,
}
