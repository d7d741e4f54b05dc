//! Aggregates that keep a little of a group, however many rows it has, and that `DataFusion` works out otherwise or not at
//! all.

use std::fmt::Debug;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};

use super::convert::as_type;
use super::passes;

/// Makes accumulators, whatever it is that they keep.
pub(crate) trait Start: Send + Sync {
    /// The types of a state's columns.
    fn state_types(&self, arguments: &[DataType]) -> Vec<DataType>;

    fn accumulator(
        &self,
        arguments: &[DataType],
        returns: &DataType,
    ) -> Result<Box<dyn Accumulator>>;

    /// One for many groups, which may be missing.
    fn groups_accumulator(
        &self,
        _arguments: &[DataType],
        _returns: &DataType,
    ) -> Option<Box<dyn GroupsAccumulator>> {
        None
    }
}

/// What is kept of the rows of a group, where that is numbers. Rows with a NULL in an argument are passed over.
pub(super) trait Running: Clone + Default + Debug + Send + Sync + 'static {
    /// What comes of it.
    type Gives: ArrowPrimitiveType;

    /// What an argument is made before it is taken in.
    fn given(argument: &DataType) -> DataType;

    /// The types of a state's columns, for arguments of this type.
    fn state_types(argument: &DataType) -> Vec<DataType>;

    /// What the result is, before it is made what the function gives.
    fn result_type(returns: &DataType) -> DataType;

    /// Takes in a row of the arguments.
    fn add(&mut self, arguments: &[ArrayRef], row: usize);

    /// Takes in what was kept of other rows.
    fn merge(&mut self, states: &[ArrayRef], row: usize);

    /// What is kept of each of these, as columns of those types.
    fn states(groups: &[Self], types: &[DataType]) -> Vec<ArrayRef>;
}

/// What comes of what was kept, if anything.
pub(super) type Finish<R> = fn(&R) -> Option<<<R as Running>::Gives as ArrowPrimitiveType>::Native>;

struct Starting<R: Running>(Finish<R>);

/// Those that make their results so.
pub(super) fn running<R: Running>(finish: Finish<R>) -> Arc<dyn Start> {
    Arc::new(Starting(finish))
}

impl<R: Running> Start for Starting<R> {
    fn state_types(&self, arguments: &[DataType]) -> Vec<DataType> {
        R::state_types(&arguments[0])
    }

    fn accumulator(
        &self,
        arguments: &[DataType],
        returns: &DataType,
    ) -> Result<Box<dyn Accumulator>> {
        let mut groups = Groups::new(self.0, &arguments[0], returns);
        groups.kept.push(R::default());
        Ok(Box::new(Group(groups)))
    }

    fn groups_accumulator(
        &self,
        arguments: &[DataType],
        returns: &DataType,
    ) -> Option<Box<dyn GroupsAccumulator>> {
        Some(Box::new(Groups::new(self.0, &arguments[0], returns)))
    }
}

#[derive(Debug)]
struct Groups<R: Running> {
    kept: Vec<R>,
    finish: Finish<R>,
    argument: DataType,
    returns: DataType,
}

impl<R: Running> Groups<R> {
    fn new(finish: Finish<R>, argument: &DataType, returns: &DataType) -> Self {
        Self {
            kept: Vec::new(),
            finish,
            argument: argument.clone(),
            returns: returns.clone(),
        }
    }

    fn results(&self, kept: &[R]) -> Result<ArrayRef> {
        let results: PrimitiveArray<R::Gives> = kept.iter().map(self.finish).collect();
        let results = results.with_data_type(R::result_type(&self.returns));
        as_type(&(Arc::new(results) as ArrayRef), &self.returns)
    }

    fn states(&self, kept: &[R]) -> Vec<ArrayRef> {
        R::states(kept, &R::state_types(&self.argument))
    }
}

impl<R: Running> GroupsAccumulator for Groups<R> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.kept.resize(total_num_groups, R::default());
        let given = R::given(&self.argument);
        let values = values.iter().map(|column| as_type(column, &given));
        let values = values.collect::<Result<Vec<_>>>()?;
        let wanted = |row: usize| {
            values.iter().all(|column| column.is_valid(row)) && passes(opt_filter, row)
        };
        for (row, &group) in group_indices.iter().enumerate() {
            if wanted(row) {
                self.kept[group].add(&values, row);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let kept = emit_to.take_needed(&mut self.kept);
        self.results(&kept)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let kept = emit_to.take_needed(&mut self.kept);
        Ok(self.states(&kept))
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.kept.resize(total_num_groups, R::default());
        for (row, &group) in group_indices.iter().enumerate() {
            self.kept[group].merge(values, row);
        }
        Ok(())
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, Array::len);
        let mut each = Self::new(self.finish, &self.argument, &self.returns);
        let own: Vec<usize> = (0..rows).collect();
        each.update_batch(values, &own, opt_filter, rows)?;
        Ok(self.states(&each.kept))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.kept.capacity() * size_of::<R>()
    }
}

/// The only one of its groups.
#[derive(Debug)]
struct Group<R: Running>(Groups<R>);

impl<R: Running> Accumulator for Group<R> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = values.first().map_or(0, Array::len);
        self.0.update_batch(values, &vec![0; rows], None, 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        ScalarValue::try_from_array(&self.0.results(&self.0.kept)?, 0)
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let states = self.0.states(&self.0.kept);
        states
            .iter()
            .map(|column| ScalarValue::try_from_array(column, 0))
            .collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = states.first().map_or(0, Array::len);
        self.0.merge_batch(states, &vec![0; rows], 1)
    }
}
