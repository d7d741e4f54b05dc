//! Relations that Presto has and `DataFusion` does not plan so: `UNNEST`, whose arrays may be columns of what it is joined
//! with.
//!
//! The arrays are columns beside those of the left side; then they are taken apart, which repeats these.

use datafusion::common::{
    Column, DFSchema, NullHandling, Result, ScalarValue, TableReference, UnnestOptions,
};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder};
use datafusion::sql::sqlparser::ast::{Expr as Written, TableAlias, TableFactor};

use super::adapt::{UNNAMED, keeps_left};
use super::syntax::place;
use crate::error::{Error, Kind};
use crate::types::Type;

/// What an array's column is called until it is taken apart.
const ARRAY: &str = "$unnest";

#[derive(Debug)]
pub(crate) struct Unnests;

impl RelationPlanner for Unnests {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let (left, unnest, nulls) = match relation {
            TableFactor::UNNEST { .. } => {
                let one_row = LogicalPlanBuilder::empty(true).build()?;
                (one_row, relation, NullHandling::Drop)
            }
            TableFactor::NestedJoin {
                table_with_joins,
                alias: None,
            } if matches!(table_with_joins.joins.as_slice(), [join] if keeps_left(join).is_some()) =>
            {
                let mut joined = *table_with_joins;
                let Some(join) = joined.joins.pop() else {
                    return Ok(RelationPlanning::Original(Box::new(joined.relation)));
                };
                let nulls = match keeps_left(&join) {
                    Some(true) => NullHandling::PreserveAndExpandEmpty,
                    _ => NullHandling::Drop,
                };
                (context.plan(joined.relation)?, join.relation, nulls)
            }
            other => return Ok(RelationPlanning::Original(Box::new(other))),
        };
        let TableFactor::UNNEST {
            alias,
            array_exprs,
            with_ordinality,
            ..
        } = unnest
        else {
            return Ok(RelationPlanning::Original(Box::new(unnest)));
        };
        let unnest = Unnest {
            arrays: array_exprs,
            with_ordinality,
            alias,
            nulls,
        };
        let plan = unnest.plan(left, context)?;
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(
            plan, None,
        ))))
    }
}

struct Unnest {
    arrays: Vec<Written>,
    with_ordinality: bool,
    alias: Option<TableAlias>,
    nulls: NullHandling,
}

/// An array to be taken apart, and the columns that become of it.
struct Source {
    array: Expr,
    outputs: Vec<Output>,
}

struct Output {
    /// Its own name, if it has one.
    name: Option<String>,
    /// Which field of the element it is; none where it is the element.
    field: Option<usize>,
}

impl Output {
    fn element() -> Self {
        Self {
            name: None,
            field: None,
        }
    }
}

impl Unnest {
    fn plan(
        self,
        left: LogicalPlan,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<LogicalPlan> {
        let schema = left.schema().clone();
        let mut sources = Vec::new();
        let mut whole = Vec::new();
        for written in self.arrays {
            let array = context.sql_to_expr(written, &schema)?;
            whole.extend(sources_of(&array, &schema, context, &mut sources)?);
        }
        if self.with_ordinality {
            sources.push(Source {
                array: call("$ordinals", whole, context)?,
                outputs: vec![Output::element()],
            });
        }
        let kept = || {
            let columns = schema.iter();
            columns.map(|(table, field)| Expr::Column(Column::new(table.cloned(), field.name())))
        };
        let column = |i: usize| Column::from_name(format!("{ARRAY}{}", schema.fields().len() + i));
        let arrays = sources.iter().enumerate();
        let arrays = arrays.map(|(i, source)| source.array.clone().alias(column(i).name));
        let options = UnnestOptions::new().with_null_handling(self.nulls);
        let apart = LogicalPlanBuilder::from(left)
            .project(kept().chain(arrays))?
            .unnest_columns_with_options((0..sources.len()).map(column).collect(), options)?;
        let mut made = Vec::new();
        for (i, source) in sources.into_iter().enumerate() {
            for output in source.outputs {
                let element = Expr::Column(column(i));
                let value = match output.field {
                    Some(field) => {
                        let place = i64::try_from(field + 1).unwrap_or(i64::MAX);
                        let place = Expr::Literal(ScalarValue::Int64(Some(place)), None);
                        call("$[]", vec![element, place], context)?
                    }
                    None => element,
                };
                made.push((value, output.name));
            }
        }
        let names = Names::new(self.alias.as_ref(), made.len())?;
        let made = made.into_iter().enumerate();
        let made = made.map(|(i, (value, own))| {
            let unnamed = || format!("{UNNAMED}{}", schema.fields().len() + i);
            let name = names
                .columns
                .get(i)
                .cloned()
                .or(own)
                .unwrap_or_else(unnamed);
            value.alias_qualified(names.table.clone(), name)
        });
        apart.project(kept().chain(made))?.build()
    }
}

/// What becomes of an array or map that is given, and what of it there are as many of as there are rows.
fn sources_of(
    given: &Expr,
    schema: &DFSchema,
    context: &mut dyn RelationPlannerContext,
    sources: &mut Vec<Source>,
) -> Result<Option<Expr>> {
    let kind = given.get_type(schema)?;
    match Type::from_arrow(&kind) {
        Some(Type::Array(element)) => {
            let outputs = match *element {
                Type::Row(fields) => {
                    let fields = fields.into_iter().enumerate();
                    let output = |(i, (name, _)): (usize, (Option<String>, Type))| Output {
                        name: name.map(|name| name.to_lowercase()),
                        field: Some(i),
                    };
                    fields.map(output).collect()
                }
                _ => vec![Output::element()],
            };
            sources.push(Source {
                array: given.clone(),
                outputs,
            });
            Ok(Some(given.clone()))
        }
        Some(Type::Map(..)) => {
            let keys = call("map_keys", vec![given.clone()], context)?;
            for part in [
                keys.clone(),
                call("map_values", vec![given.clone()], context)?,
            ] {
                sources.push(Source {
                    array: part,
                    outputs: vec![Output::element()],
                });
            }
            Ok(Some(keys))
        }
        other => {
            let kind = other.map_or_else(|| kind.to_string(), |kind| kind.to_string());
            let message = format!("Cannot unnest type: {kind}");
            Err(Error::new(Kind::InvalidFunctionArgument, message).into())
        }
    }
}

fn call(
    function: &str,
    arguments: Vec<Expr>,
    context: &mut dyn RelationPlannerContext,
) -> Result<Expr> {
    let found = context.context_provider().get_function_meta(function);
    let function = found
        .ok_or_else(|| Error::new(Kind::Internal, format!("there is no function {function}")))?;
    Ok(Expr::ScalarFunction(ScalarFunction::new_udf(
        function, arguments,
    )))
}

/// What the alias calls the columns.
#[derive(Default)]
struct Names {
    table: Option<TableReference>,
    columns: Vec<String>,
}

impl Names {
    fn new(alias: Option<&TableAlias>, count: usize) -> Result<Self> {
        let Some(alias) = alias else {
            return Ok(Self::default());
        };
        let given = alias.columns.len();
        let table = alias.name.value.as_str();
        if given > 0 && given != count {
            let message = format!(
                "Column alias list has {given} entries but '{table}' has {count} columns available"
            );
            let error = Error::new(Kind::Syntax, message);
            return Err(error.at(place(alias.name.span.start)).into());
        }
        Ok(Self {
            table: Some(TableReference::bare(table)),
            columns: alias
                .columns
                .iter()
                .map(|column| column.name.value.clone())
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::answer;
    use serde_json::json;

    #[test]
    fn arrays_and_maps_are_taken_apart() {
        for (from, names, rows) in [
            ("UNNEST(ARRAY[3, 1]) AS t(x)", vec!["x"], json!([[3], [1]])),
            (
                "UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS t(x, i)",
                vec!["x", "i"],
                json!([["a", 1], ["b", 2]]),
            ),
            (
                "UNNEST(ARRAY[1, 2], ARRAY['x']) AS t(a, b)",
                vec!["a", "b"],
                json!([[1, "x"], [2, null]]),
            ),
            (
                "UNNEST(ARRAY[1], MAP(ARRAY[1], ARRAY[2])) WITH ORDINALITY",
                vec!["_col0", "_col1", "_col2", "_col3"],
                json!([[1, 1, 2, 1]]),
            ),
            (
                "UNNEST(ARRAY[ROW(1, 'a'), ROW(2, 'b')]) AS t(n, s)",
                vec!["n", "s"],
                json!([[1, "a"], [2, "b"]]),
            ),
            (
                "(VALUES (1, ARRAY['a', 'b']), (2, ARRAY[]), (3, NULL)) t(id, items) CROSS JOIN UNNEST(t.items) AS u(item)",
                vec!["id", "items", "item"],
                json!([[1, ["a", "b"], "a"], [1, ["a", "b"], "b"]]),
            ),
            (
                "(VALUES (1)) t(id), UNNEST(ARRAY[7]) AS u(x)",
                vec!["id", "x"],
                json!([[1, 7]]),
            ),
        ] {
            let answer = answer(&format!("SELECT * FROM {from}")).unwrap();
            let columns: Vec<_> = answer
                .columns
                .iter()
                .map(|(name, _)| name.as_str())
                .collect();
            assert_eq!(columns, names, "{from}");
            assert_eq!(json!(answer.rows), rows, "{from}");
        }
    }

    #[test]
    fn what_is_no_array_is_refused() {
        let name = |from: &str| answer(&format!("SELECT * FROM {from}")).unwrap_err().name;
        assert_eq!(name("UNNEST(5) AS t(x)"), "INVALID_FUNCTION_ARGUMENT");
        assert_eq!(name("UNNEST(ARRAY[1]) AS t(x, y)"), "SYNTAX_ERROR");
    }
}
