//! `plan_months`, `aggregate_slice`, `list_parts`, `merge_months`: the readings, slice by slice.

use churn::hourly::Slice;
use serde::{Deserialize, Serialize};

use super::stage::{BuildStage, StageOutcome};
use crate::{Readings, Reuse, Run, TableRef};

/// Asks how `bronze_customer_month` is to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlanMonths {
    /// The stage: its inputs are the small tables it joins.
    pub stage: BuildStage,
    /// The files of hourly readings.
    #[serde(flatten)]
    pub readings: Readings,
}

/// How `bronze_customer_month` is made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MonthsPlan {
    /// It is there.
    Unchanged(StageOutcome),
    /// From these slices, in this order: what histories from before the lists hold.
    Aggregate(Vec<ReadingsSlice>),
    /// From the slices of these lists in the lake, in this order. An entry of a list is a
    /// `Vec<ReadingsSlice>`: part of one file, or several small files.
    Listed(Vec<TableRef>),
}

/// A part of one file of readings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadingsSlice {
    /// The file the slice is of.
    pub file: TableRef,
    /// Which row groups.
    pub slice: Slice,
}

/// Asks for the partial sums of one slice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AggregateSlice {
    /// The run.
    pub run: Run,
    /// The slice.
    pub slice: SliceToSum,
    /// Whether stored sums count.
    pub reuse: Reuse,
}

/// Where a slice is described.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SliceToSum {
    /// In a list in the lake.
    Listed {
        /// The list.
        list: TableRef,
        /// Which entry, counted from 0.
        place: u64,
    },
    /// Here: how runs from before the lists ask.
    Told(ReadingsSlice),
}

/// Asks for the partial sums of a whole list of slices.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AggregateBatch {
    /// The run.
    pub run: Run,
    /// The list.
    pub list: TableRef,
    /// Whether stored sums count.
    pub reuse: Reuse,
}

/// Asks for a list of partial sums to be put into the lake.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListParts {
    /// The partial sums, in slice order.
    pub parts: Vec<TableRef>,
}

/// Asks for the merge of partial sums.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MergeMonths {
    /// The stage with the small tables.
    pub plan: PlanMonths,
    /// The partial sums, in slice order.
    #[serde(default)]
    pub parts: Vec<TableRef>,
    /// Lists of partial sums in the lake, in slice order, when they are many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub part_lists: Vec<TableRef>,
}
