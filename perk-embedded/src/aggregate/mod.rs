//! Presto's aggregate and window functions.
//!
//! | room | what is in it |
//! |---|---|
//! | [`definition`] | what an aggregate function is |
//! | [`udaf`] | it as `DataFusion` calls it |
//! | [`passed`], [`convert`] | work that `DataFusion`'s own functions do |
//! | [`sum`] | sums that fail when they do not fit |
//! | [`running`], [`mean`], [`pairs`], [`extreme_by`] | work that keeps a little of each group |
//! | [`gathered`] | work that needs all rows of a group together |
//! | [`numbers`], [`extremes`], [`collections`] | the functions |
//! | [`window`] | window functions |

mod collections;
mod convert;
mod definition;
mod extreme_by;
mod extremes;
mod gathered;
mod mean;
mod numbers;
mod pairs;
mod passed;
mod running;
mod sum;
#[cfg(test)]
mod tests;
pub(crate) mod udaf;
pub(crate) mod window;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{Array, BooleanArray};

pub(crate) use definition::Aggregation;

/// The aggregate functions, by name.
pub(crate) static AGGREGATES: LazyLock<BTreeMap<&'static str, Arc<Aggregation>>> =
    LazyLock::new(|| {
        let groups = [
            numbers::aggregations(),
            extremes::aggregations(),
            collections::aggregations(),
        ];
        let all = groups.into_iter().flatten();
        all.map(|aggregation| (aggregation.name, Arc::new(aggregation)))
            .collect()
    });

/// Whether a call's `FILTER`, if it has one, lets a row through: NULL is as good as false.
fn passes(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
}
