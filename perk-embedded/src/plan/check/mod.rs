//! What Presto refuses in a query by its text alone, in Presto's words and at its places. `DataFusion` takes some of it, and says
//! of the rest something else; what takes more than the text to see is found when the query is planned.
//!
//! | room | what is in it |
//! |---|---|
//! | here | the walk through a query |
//! | [`calls`] | aggregates and windows: where they may be, and what may be in them |
//! | [`columns`] | how many columns queries have |
//! | [`foreign`] | syntax of other databases |
//! | [`grouping`] | `GROUP BY`, `ORDER BY` |
//! | [`text`] | expressions and places as Presto tells them |

mod calls;
mod columns;
mod foreign;
mod grouping;
#[cfg(test)]
mod tests;
mod text;

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Join, JoinConstraint, JoinOperator, LimitClause, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, Spanned, TableFactor, TableWithJoins, Visit, Visitor,
};
use datafusion::sql::sqlparser::tokenizer::TokenWithSpan;
use perk_core::Dialect;

use super::flow;
use super::syntax::{folded, place};
use crate::error::{Error, Kind, Position, Result};
use text::Text;

/// Refuses what Presto refuses.
pub(super) fn check(query: &Query, tokens: &[TokenWithSpan], dialect: Dialect) -> Result<()> {
    foreign::of_tokens(tokens)?;
    let mut walk = Walk {
        dialect,
        text: Text(tokens),
        selects: Vec::new(),
    };
    match query.visit(&mut walk) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

struct Walk<'a> {
    /// Trino knows more than Presto does.
    dialect: Dialect,
    text: Text<'a>,
    /// Where the queries begin that the walk is in.
    selects: Vec<Option<Position>>,
}

/// What a join says of how, where its kind has that.
fn constraint(join: &Join) -> Option<&JoinConstraint> {
    match &join.join_operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint) => Some(constraint),
        _ => None,
    }
}

fn refused(kind: Kind, message: impl Into<String>, at: Option<Position>) -> Error {
    Error::new(kind, message).at(at)
}

impl Visitor for Walk<'_> {
    type Break = Error;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Error> {
        flow(foreign::of_limit(query).and_then(|()| self.query(query)))
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Error> {
        let at = place(select.select_token.0.span.start);
        self.selects.push(at);
        flow(
            foreign::of_select(select, self.text)
                .and_then(|()| wildcards(select))
                .and_then(|()| calls::of_clauses(select, self.text))
                .and_then(|()| grouping::of_select(select, self.text, at)),
        )
    }

    fn post_visit_select(&mut self, _: &Select) -> ControlFlow<Error> {
        self.selects.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Error> {
        flow(
            foreign::of_relation(factor, self.text)
                .and_then(|()| columns::of_alias(factor, self.text)),
        )
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Error> {
        let select = self.selects.last().copied().flatten();
        flow(match expr {
            Expr::Function(function) => calls::of_call(function, self.text, select),
            Expr::Subquery(_) | Expr::InSubquery { .. } => columns::of_subquery(expr, self.text),
            expr => foreign::of_expr(expr, self.text),
        })
    }
}

impl Walk<'_> {
    fn query(&self, query: &Query) -> Result<()> {
        if let Some(with) = &query.with {
            if with.recursive {
                let at = place(with.with_token.0.span.start);
                let message = "Recursive WITH queries are not supported";
                return Err(refused(Kind::UnsupportedSyntax, message, at));
            }
            let mut names: Vec<String> = Vec::new();
            for table in &with.cte_tables {
                let name = folded(&table.alias.name);
                let at = place(table.alias.name.span.start);
                if names.contains(&name) {
                    let message = format!("WITH query name '{name}' specified more than once");
                    return Err(refused(Kind::DuplicateNamedQuery, message, at));
                }
                columns::of_with(table)?;
                names.push(name);
            }
        }
        if let Some(LimitClause::LimitOffset {
            offset: Some(_), ..
        }) = &query.limit_clause
            && self.dialect == Dialect::Presto
        {
            return Err(Error::new(
                Kind::NotSupported,
                "Offset support is not enabled",
            ));
        }
        columns::of_set_operations(&query.body, self.text)?;
        grouping::of_order(query)
    }
}

/// `*` needs tables, and `x.*` one that is called so.
fn wildcards(select: &Select) -> Result<()> {
    for item in &select.projection {
        match item {
            SelectItem::Wildcard(options) if select.from.is_empty() => {
                return Err(refused(
                    Kind::ColumnNotFound,
                    "SELECT * not allowed in queries without FROM clause",
                    place(options.wildcard_token.0.span.start),
                ));
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                let Some(last) = name.0.last().and_then(|part| part.as_ident()) else {
                    continue;
                };
                let known = select.from.iter().flat_map(names);
                if !known.into_iter().any(|known| known == folded(last)) {
                    let message = format!("Table '{}' not found", name.to_string().to_lowercase());
                    let at = place(name.span().start);
                    return Err(refused(Kind::TableNotFound, message, at));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// What the tables of a `FROM` are called.
fn names(table: &TableWithJoins) -> Vec<String> {
    let factors =
        std::iter::once(&table.relation).chain(table.joins.iter().map(|join| &join.relation));
    factors
        .flat_map(|factor| match factor {
            TableFactor::Table { name, alias, .. } => {
                let own = name.0.last().and_then(|part| part.as_ident());
                let name = alias.as_ref().map(|alias| &alias.name).or(own);
                name.map(folded).into_iter().collect()
            }
            TableFactor::Derived { alias, .. } | TableFactor::UNNEST { alias, .. } => alias
                .as_ref()
                .map(|alias| folded(&alias.name))
                .into_iter()
                .collect(),
            TableFactor::NestedJoin {
                table_with_joins,
                alias,
            } => match alias {
                Some(alias) => vec![folded(&alias.name)],
                None => names(table_with_joins),
            },
            _ => Vec::new(),
        })
        .collect()
}
