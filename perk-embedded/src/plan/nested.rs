//! Nested values: `r.a` where `r` is a column, a field of it; equality, which Presto leaves open where there are NULLs in
//! them; and times with a zone, which are nested only here.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::{Column, DFSchema, Result, TableReference};
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, ScalarUDF, lit};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use crate::types::Type;
use crate::types::arrow::ZONED_TIME;

fn is_zoned_time(kind: &DataType) -> bool {
    matches!(Type::from_arrow(kind), Some(Type::TimeWithZone))
}

/// What a time with a zone is compared by.
fn in_utc(time: Expr) -> Expr {
    get_field(time, ZONED_TIME[0])
}

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
        // What has no type is found out elsewhere.
        let kind = |side: &Expr| side.get_type(schema).unwrap_or(DataType::Null);
        let (left, right) = (kind(&expr.left), kind(&expr.right));
        if [&left, &right].into_iter().all(is_zoned_time) {
            return Ok(PlannerResult::Original(RawBinaryExpr {
                left: in_utc(expr.left),
                right: in_utc(expr.right),
                ..expr
            }));
        }
        let function = match expr.op {
            BinaryOperator::Eq => &self.equal,
            BinaryOperator::NotEq => &self.different,
            _ => return Ok(PlannerResult::Original(expr)),
        };
        let nested = |kind: &DataType| {
            let own = matches!(
                kind,
                DataType::List(_) | DataType::Map(..) | DataType::Struct(_)
            );
            own && !is_zoned_time(kind)
        };
        if !(nested(&left) && nested(&right)) {
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
