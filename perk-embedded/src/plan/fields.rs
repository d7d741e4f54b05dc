//! `r.a` where `r` is a column: a field of it.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::{Column, Result, TableReference};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult};
use datafusion::logical_expr::{Expr, ScalarUDF, lit};

/// Plans fields as calls of `$field`.
#[derive(Debug)]
pub(crate) struct Fields {
    pub(crate) function: Arc<ScalarUDF>,
}

impl ExprPlanner for Fields {
    fn plan_compound_identifier(
        &self,
        field: &Field,
        qualifier: Option<&TableReference>,
        nested_names: &[String],
    ) -> Result<PlannerResult<Vec<Expr>>> {
        let DataType::Struct(_) = field.data_type() else {
            return Ok(PlannerResult::Original(Vec::new()));
        };
        let column = Column::new(qualifier.cloned(), field.name());
        let nested = nested_names.iter();
        let value = nested.fold(Expr::Column(column), |value, name| {
            let arguments = vec![value, lit(name.as_str())];
            Expr::ScalarFunction(ScalarFunction::new_udf(self.function.clone(), arguments))
        });
        // A field is called by its own name.
        let name = nested_names.last().cloned().unwrap_or_default();
        Ok(PlannerResult::Planned(value.alias(name)))
    }
}
