//! What is done to a plan once its types are known, and before `DataFusion` coerces and runs it: what `DataFusion` would do
//! otherwise than Presto.
//!
//! | room | what is in it |
//! |---|---|
//! | here | the walk through a plan |
//! | [`membership`] | `IN` and comparisons with all rows of a query, with their NULLs |
//! | [`mixed`] | values of several types that become one |

mod membership;
mod mixed;
pub(super) use mixed::is_set_operation;

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::context::Context;

/// The same plan by Presto's rules.
pub(super) fn lowered(plan: LogicalPlan, context: &Context) -> Result<LogicalPlan> {
    let lowered = plan.transform_up_with_subqueries(|plan| node(plan, context));
    lowered.map(|lowered| lowered.data)
}

fn node(plan: LogicalPlan, context: &Context) -> Result<Transformed<LogicalPlan>> {
    let schema = merge_schema(&plan.inputs());
    let plan = membership::of_plan(plan, context)?;
    let plan = with_expressions(plan, |expr| mixed::of_expr(expr, &schema))?;
    mixed::of_plan(plan)?
        .recompute_schema()
        .map(Transformed::yes)
}

/// A node with its expressions, and all that is in them, changed; its columns keep their names.
fn with_expressions(
    plan: LogicalPlan,
    change: impl Fn(Expr) -> Result<Transformed<Expr>>,
) -> Result<LogicalPlan> {
    let names = NamePreserver::new(&plan);
    let plan = plan.map_expressions(|expr| {
        let name = names.save(&expr);
        let changed = expr.transform_up(&change)?;
        Ok(changed.update_data(|expr| name.restore(expr)))
    })?;
    Ok(plan.data)
}
