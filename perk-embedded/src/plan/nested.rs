//! Nested values: `r.a` where `r` is a column, a field of it; and equality, which Presto leaves open where there are NULLs
//! in them.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::{Column, DFSchema, Result, TableReference};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, ScalarUDF, lit};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use crate::types::Type;

/// Plans these as calls.
#[derive(Debug)]
pub(crate) struct Nested {
    pub(crate) field: Arc<ScalarUDF>,
    pub(crate) equal: Arc<ScalarUDF>,
    pub(crate) different: Arc<ScalarUDF>,
}

impl ExprPlanner for Nested {
    fn plan_binary_op(
        &self,
        expr: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        let function = match expr.op {
            BinaryOperator::Eq => &self.equal,
            BinaryOperator::NotEq => &self.different,
            _ => return Ok(PlannerResult::Original(expr)),
        };
        let nested = |side: &Expr| {
            side.get_type(schema).is_ok_and(|kind| {
                let own = matches!(
                    kind,
                    DataType::List(_) | DataType::Map(..) | DataType::Struct(_)
                );
                own && !matches!(Type::from_arrow(&kind), Some(Type::TimeWithZone))
            })
        };
        if !(nested(&expr.left) && nested(&expr.right)) {
            return Ok(PlannerResult::Original(expr));
        }
        let arguments = vec![expr.left, expr.right];
        let call = ScalarFunction::new_udf(function.clone(), arguments);
        Ok(PlannerResult::Planned(Expr::ScalarFunction(call)))
    }

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
            Expr::ScalarFunction(ScalarFunction::new_udf(self.field.clone(), arguments))
        });
        // A field is called by its own name.
        let name = nested_names.last().cloned().unwrap_or_default();
        Ok(PlannerResult::Planned(value.alias(name)))
    }
}
