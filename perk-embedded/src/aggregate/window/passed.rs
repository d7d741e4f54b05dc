//! Window functions that `DataFusion` works out: its counts have no sign, Presto's are `bigint`.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::functions_window::{cume_dist, rank, row_number};
use datafusion::logical_expr::function::PartitionEvaluatorArgs;
use datafusion::logical_expr::window_state::WindowAggState;
use datafusion::logical_expr::{PartitionEvaluator, WindowUDF};

use super::{Window, window};
use crate::aggregate::convert::as_type;

pub(super) fn windows() -> Vec<Window> {
    let counts = [
        ("row_number", row_number::row_number_udwf()),
        ("rank", rank::rank_udwf()),
        ("dense_rank", rank::dense_rank_udwf()),
    ];
    let parts = [
        ("percent_rank", rank::percent_rank_udwf()),
        ("cume_dist", cume_dist::cume_dist_udwf()),
    ];
    let counts = counts.map(|(name, to)| passed(name, "-> bigint", to, DataType::Int64));
    let parts = parts.map(|(name, to)| passed(name, "-> double", to, DataType::Float64));
    counts.into_iter().chain(parts).collect()
}

fn passed(name: &'static str, form: &'static str, to: Arc<WindowUDF>, kind: DataType) -> Window {
    window(name, &[form], move |args| {
        let args = PartitionEvaluatorArgs::new(
            args.input_exprs(),
            args.input_fields(),
            args.is_reversed(),
            args.ignore_nulls(),
        );
        Ok(Box::new(Converting {
            inner: to.partition_evaluator_factory(args)?,
            kind: kind.clone(),
        }))
    })
}

#[derive(Debug)]
struct Converting {
    inner: Box<dyn PartitionEvaluator>,
    kind: DataType,
}

impl PartitionEvaluator for Converting {
    fn memoize(&mut self, state: &mut WindowAggState) -> Result<()> {
        self.inner.memoize(state)
    }

    fn get_range(&self, idx: usize, n_rows: usize) -> Result<Range<usize>> {
        self.inner.get_range(idx, n_rows)
    }

    fn is_causal(&self) -> bool {
        self.inner.is_causal()
    }

    fn evaluate_all(&mut self, values: &[ArrayRef], num_rows: usize) -> Result<ArrayRef> {
        as_type(&self.inner.evaluate_all(values, num_rows)?, &self.kind)
    }

    fn evaluate(&mut self, values: &[ArrayRef], range: &Range<usize>) -> Result<ScalarValue> {
        self.inner.evaluate(values, range)?.cast_to(&self.kind)
    }

    fn evaluate_all_with_rank(
        &self,
        num_rows: usize,
        ranks_in_partition: &[Range<usize>],
    ) -> Result<ArrayRef> {
        let column = self
            .inner
            .evaluate_all_with_rank(num_rows, ranks_in_partition)?;
        as_type(&column, &self.kind)
    }

    fn supports_bounded_execution(&self) -> bool {
        self.inner.supports_bounded_execution()
    }

    fn uses_window_frame(&self) -> bool {
        self.inner.uses_window_frame()
    }

    fn include_rank(&self) -> bool {
        self.inner.include_rank()
    }
}
