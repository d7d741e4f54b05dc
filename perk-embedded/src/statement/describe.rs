//! `DESCRIBE INPUT` and `DESCRIBE OUTPUT`: what a prepared statement takes and gives.

use std::collections::HashMap;
use std::mem;
use std::ops::ControlFlow;

use datafusion::common::TableReference;
use datafusion::logical_expr::{Expr as Planned, LogicalPlan, TableScan};
use datafusion::sql::sqlparser::ast::{
    Expr, GroupByExpr, Ident, Query, Select, SelectItem, SetExpr, Value, VisitMut, VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::{Location, TokenWithSpan};

use super::answer::{Answer, fitted};
use super::said::Said;
use super::{Setting, Statement, Work, parameters, prepared};
use crate::catalog::TableName;
use crate::catalog::listing::{Row, column, spelled};
use crate::error::Result;
use crate::plan::adapt::plain_query;
use crate::types::Type;

pub(super) fn input(name: &str, setting: &Setting) -> Result<Answer> {
    let mut statement = Statement::read(prepared::text(name, setting)?)?;
    let places = parameters::places(&mut statement.said);
    let mut neighbours = Neighbours::default();
    if let Some(query) = statement.said.query_mut() {
        let _ = VisitMut::visit(query, &mut neighbours);
    }
    // Whether the statement could be worked out at all.
    parameters::fill(&mut statement.said, &vec![null(); places.len()])?;
    setting.plan_of(statement.said, &statement.tokens)?;
    if places.is_empty() {
        let columns = vec![
            column("Position", Type::Unknown),
            column("Type", Type::Unknown),
        ];
        return Answer::listing(columns, &[]);
    }
    let kinds = neighbours.kinds(&places, &statement.tokens, setting);
    let row =
        |(kind, position): (&Type, i64)| -> Row { vec![position.into(), spelled(kind).into()] };
    let rows: Vec<Row> = kinds.iter().zip(0..).map(row).collect();
    let columns = vec![
        column("Position", Type::Integer),
        column("Type", Type::VARCHAR),
    ];
    Answer::listing(fitted(columns, &rows), &rows)
}

fn null() -> Expr {
    Expr::value(Value::Null)
}

/// What parameters are compared and reckoned with: that is what they are of the type of.
#[derive(Default)]
struct Neighbours {
    /// All queries, each with nothing but its tables.
    selects: Vec<Select>,
    /// Which of them are around, the nearest last.
    around: Vec<usize>,
    /// What stands beside a parameter, by its place: the first thing that does.
    found: HashMap<Location, Beside>,
}

enum Beside {
    /// An expression in one of the queries.
    Expression(usize, Box<Expr>),
    Known(Type),
}

impl Neighbours {
    fn note(&mut self, parameter: &Expr, beside: &Expr) {
        if let Some(span) = parameters::parameter(parameter)
            && let Some(select) = self.around.last()
        {
            let beside = || Beside::Expression(*select, Box::new(beside.clone()));
            self.found.entry(span.start).or_insert_with(beside);
        }
    }

    fn note_known(&mut self, parameter: &Expr, kind: Type) {
        if let Some(span) = parameters::parameter(parameter) {
            self.found.entry(span.start).or_insert(Beside::Known(kind));
        }
    }

    /// The types of the parameters at these places. What stands beside several of them is looked at once.
    fn kinds(&self, places: &[Location], tokens: &[TokenWithSpan], setting: &Setting) -> Vec<Type> {
        let mut seen: HashMap<(usize, &Expr), Type> = HashMap::new();
        let kind = |place: &Location| match self.found.get(place) {
            None => Type::Unknown,
            Some(Beside::Known(kind)) => kind.clone(),
            Some(Beside::Expression(select, expr)) => {
                let kind = || {
                    of(
                        self.selects[*select].clone(),
                        *expr.clone(),
                        tokens,
                        setting,
                    )
                };
                seen.entry((*select, expr))
                    .or_insert_with(|| kind().unwrap_or(Type::Unknown))
                    .clone()
            }
        };
        places.iter().map(kind).collect()
    }
}

impl VisitorMut for Neighbours {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        self.around.push(self.selects.len());
        self.selects.push(of_tables(select));
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, _select: &mut Select) -> ControlFlow<()> {
        self.around.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::BinaryOp { left, right, .. } => {
                self.note(left, right);
                self.note(right, left);
            }
            Expr::Between {
                expr, low, high, ..
            } => {
                self.note(low, expr);
                self.note(high, expr);
                self.note(expr, low);
            }
            Expr::InList { expr, list, .. } => {
                for item in list.iter() {
                    self.note(item, expr);
                    self.note(expr, item);
                }
            }
            Expr::Like { expr, pattern, .. } => {
                self.note_known(expr, Type::VARCHAR);
                self.note_known(pattern, Type::VARCHAR);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// A query of the same tables, for nothing yet and of all rows. The rest is put aside before it is copied: it may be long,
/// and have queries in it that are copied themselves.
fn of_tables(select: &mut Select) -> Select {
    let projection = mem::take(&mut select.projection);
    let selection = select.selection.take();
    let having = select.having.take();
    let no_groups = GroupByExpr::Expressions(vec![], vec![]);
    let group_by = mem::replace(&mut select.group_by, no_groups);
    let of_tables = select.clone();
    select.projection = projection;
    select.selection = selection;
    select.having = having;
    select.group_by = group_by;
    of_tables
}

/// An expression's type where it stands: that of a query of the same tables for it alone.
fn of(mut select: Select, expr: Expr, tokens: &[TokenWithSpan], setting: &Setting) -> Option<Type> {
    select.projection = vec![SelectItem::ExprWithAlias {
        expr,
        alias: Ident::new("x"),
    }];
    let query = plain_query(SetExpr::Select(Box::new(select)));
    let mut said = Said::Query(Box::new(query));
    let parameters = parameters::places(&mut said).len();
    parameters::fill(&mut said, &vec![null(); parameters]).ok()?;
    let Said::Query(query) = said else {
        return None;
    };
    let planned = setting.plan(*query, tokens).ok()?;
    Some(planned.columns.into_iter().next()?.kind)
}

pub(super) fn output(name: &str, setting: &Setting) -> Result<Answer> {
    let mut statement = Statement::read(prepared::text(name, setting)?)?;
    let parameters = parameters::places(&mut statement.said).len();
    parameters::fill(&mut statement.said, &vec![null(); parameters])?;
    let aliases = match &statement.said {
        Said::Query(query) => aliases(query),
        _ => Vec::new(),
    };
    let rows: Vec<Row> = match statement.said {
        Said::Query(query) => {
            let planned = setting.plan(*query, &statement.tokens)?;
            let origins = origins(&planned.plan, setting);
            let columns = planned.columns.iter().zip(origins);
            let row = |(column, origin): (&crate::catalog::Column, Option<TableName>)| {
                let name = column.name.to_lowercase();
                described(column, origin.as_ref(), aliases.contains(&name))
            };
            columns.map(row).collect()
        }
        Said::Show(_) => match statement.work(setting)? {
            Work::Answer(answer) => {
                let columns = answer.columns.iter();
                columns
                    .map(|column| described(column, None, true))
                    .collect()
            }
            _ => Vec::new(),
        },
        said @ (Said::Insert { .. } | Said::CreateTableAs(_)) => {
            setting.plan_of(said, &statement.tokens)?;
            vec![described(&column("rows", Type::Bigint), None, false)]
        }
        _ => Vec::new(),
    };
    let titles = ["Column Name", "Catalog", "Schema", "Table", "Type"];
    let text = if rows.is_empty() {
        Type::Unknown
    } else {
        Type::VARCHAR
    };
    let mut columns: Vec<_> = titles
        .iter()
        .map(|title| column(title, text.clone()))
        .collect();
    columns.push(column("Type Size", Type::Integer));
    columns.push(column("Aliased", Type::Boolean));
    if rows.is_empty() {
        for column in &mut columns {
            column.kind = Type::Unknown;
        }
    }
    Answer::listing(fitted(columns, &rows), &rows)
}

fn described(column: &crate::catalog::Column, origin: Option<&TableName>, aliased: bool) -> Row {
    let part = |part: fn(&TableName) -> &String| origin.map_or("", |name| part(name).as_str());
    vec![
        column.name.as_str().into(),
        part(|name| &name.catalog).into(),
        part(|name| &name.schema).into(),
        part(|name| &name.table).into(),
        spelled(&column.kind).into(),
        size(&column.kind).into(),
        aliased.into(),
    ]
}

/// How many bytes a value takes in Presto; nothing where that is not always the same.
fn size(kind: &Type) -> i64 {
    match kind {
        Type::Unknown | Type::Boolean | Type::Tinyint => 1,
        Type::Smallint => 2,
        Type::Integer | Type::Real | Type::Date | Type::IntervalYearToMonth => 4,
        Type::Decimal(19.., _) => 16,
        Type::Bigint
        | Type::Double
        | Type::Decimal(..)
        | Type::Time
        | Type::TimeWithZone
        | Type::Timestamp
        | Type::TimestampWithZone(_)
        | Type::IntervalDayToSecond => 8,
        _ => 0,
    }
}

/// The names that a query's columns are given.
fn aliases(query: &Query) -> Vec<String> {
    let SetExpr::Select(select) = query.body.as_ref() else {
        return Vec::new();
    };
    let alias = |item: &SelectItem| match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.to_lowercase()),
        _ => None,
    };
    select.projection.iter().filter_map(alias).collect()
}

/// Which table each of a plan's columns is of, where it is as the table has it.
fn origins(plan: &LogicalPlan, setting: &Setting) -> Vec<Option<TableName>> {
    let mut inner = plan;
    while let LogicalPlan::Sort(_) | LogicalPlan::Limit(_) = inner {
        let Some(input) = inner.inputs().first().copied() else {
            break;
        };
        inner = input;
    }
    let LogicalPlan::Projection(projection) = inner else {
        return vec![None; plan.schema().fields().len()];
    };
    let origin = |expr: &Planned| {
        let mut expr = expr;
        while let Planned::Alias(alias) = expr {
            expr = &alias.expr;
        }
        let Planned::Column(column) = expr else {
            return None;
        };
        scanned(&projection.input, column.relation.as_ref()?, setting)
    };
    projection.expr.iter().map(origin).collect()
}

/// The table that is called so in a plan.
fn scanned(plan: &LogicalPlan, called: &TableReference, setting: &Setting) -> Option<TableName> {
    let name = |scan: &TableScan| TableName::of_plan(&setting.session, &scan.table_name).ok();
    match plan {
        LogicalPlan::TableScan(scan) if scan.table_name == *called => name(scan),
        LogicalPlan::SubqueryAlias(alias) if alias.alias == *called => match &*alias.input {
            LogicalPlan::TableScan(scan) => name(scan),
            _ => None,
        },
        plan => plan
            .inputs()
            .into_iter()
            .find_map(|input| scanned(input, called, setting)),
    }
}
