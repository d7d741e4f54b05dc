//! A statement's tree made one that means to `DataFusion` what the statement means to Presto.
//!
//! A rule a difference, in the room of what it is about. Rules of [`VisitorMut::pre_visit_expr`] see a node before what is
//! in it, with the places of the text still there; those of `post` see it after.

mod calls;
mod lambdas;
mod literals;
mod names;
mod operators;
mod queries;
pub(crate) use queries::{AGAIN, UNNAMED, written_name};
mod sample;
mod special;
mod subqueries;
pub(crate) use subqueries::plain_query;
mod texts;
mod unnest;
mod values;
mod with;
pub(crate) use unnest::{is_using, keeps_left};

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Query, Select, TableFactor, VisitMut, VisitorMut};
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use super::flow;
use crate::error::{Error, Result};

/// Adapts a query. The tokens are what it was parsed from: operators have no place in the tree.
pub(crate) fn adapt(query: &mut Query, tokens: &[TokenWithSpan]) -> Result<()> {
    let mut rules = Rules::new(tokens);
    match query.visit(&mut rules) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

/// All rules, on their way through a tree.
struct Rules<'a> {
    tokens: &'a [TokenWithSpan],
    /// What the parameters of the lambdas around are called, the nearest last.
    parameters: Vec<Vec<String>>,
    /// Whether the query that comes next has its columns named by who asks it.
    named: bool,
    /// How many tables without a name there have been.
    unnamed: usize,
    /// Of the queries that the walk is in, the nearest last.
    withs: Vec<with::With>,
}

impl<'a> Rules<'a> {
    fn new(tokens: &'a [TokenWithSpan]) -> Self {
        Self {
            tokens,
            parameters: Vec::new(),
            named: false,
            unnamed: 0,
            withs: Vec::new(),
        }
    }

    /// Where an operator stands that comes behind this place.
    fn operator_at(&self, behind: Location, operator: &Token) -> Location {
        let from = self
            .tokens
            .partition_point(|token| token.span.start < behind);
        self.tokens[from..]
            .iter()
            .find(|token| token.token == *operator)
            .map_or(behind, |token| token.span.start)
    }
}

impl VisitorMut for Rules<'_> {
    type Break = Error;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        flow(self.before(expr))
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        flow(self.after(expr))
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Error> {
        subqueries::exists_as_value(select);
        flow(queries::before_select(select))
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<Error> {
        queries::after_select(select);
        unnest::after_select(select);
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Error> {
        if !std::mem::take(&mut self.named) {
            values::name(&mut query.body);
        }
        queries::before_query(query);
        self.enter_query(query);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<Error> {
        queries::after_query(query);
        self.leave_query();
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Error> {
        sample::of_relation(factor);
        self.named = values::names_all(factor);
        unnest::of_relation(factor);
        self.relation(factor);
        self.table_of_with(factor);
        ControlFlow::Continue(())
    }

    fn post_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Error> {
        unnest::after_relation(factor);
        ControlFlow::Continue(())
    }
}

impl Rules<'_> {
    fn before(&mut self, expr: &mut Expr) -> Result<()> {
        names::of_columns(expr);
        texts::normal_form(expr)?;
        self.enter_lambda(expr);
        self.fields_of_parameters(expr);
        special::before(expr)?;
        Self::like(expr);
        self.operators(expr);
        self.typed_literals(expr)?;
        Self::calls(expr)
    }

    fn after(&mut self, expr: &mut Expr) -> Result<()> {
        self.leave_lambda(expr);
        literals::number(expr)?;
        calls::subscript(expr);
        calls::frame(expr);
        Ok(())
    }
}
