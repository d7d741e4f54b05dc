//! `UNNEST`: `sqlparser` has it as a table function, and Presto lets it name columns of what it is joined with. Like joins
//! with `USING` it is planned by this crate, which is given them one by one.

use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, Join, JoinConstraint, JoinOperator, Select, TableFactor,
    TableWithJoins, Value,
};

/// `UNNEST(a, b) WITH ORDINALITY` by its own node.
pub(super) fn of_relation(factor: &mut TableFactor) {
    let TableFactor::Table {
        name,
        alias,
        args: Some(arguments),
        with_ordinality,
        ..
    } = factor
    else {
        return;
    };
    let name = name.0.as_slice();
    let is_unnest = matches!(name, [part] if part.as_ident().is_some_and(|name| name.value.eq_ignore_ascii_case("unnest")));
    let plain = arguments.args.iter().map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => Some(argument.clone()),
        _ => None,
    });
    if let Some(arrays) = plain.collect::<Option<Vec<Expr>>>()
        && is_unnest
    {
        *factor = TableFactor::UNNEST {
            alias: alias.take(),
            array_exprs: arrays,
            with_offset: false,
            with_offset_alias: None,
            with_ordinality: *with_ordinality,
        };
    }
}

/// Whether a join is by columns of one name, which [`crate::plan::using`] plans.
pub(crate) fn is_using(join: &Join) -> bool {
    matches!(
        &join.join_operator,
        JoinOperator::Join(JoinConstraint::Using(_))
            | JoinOperator::Inner(JoinConstraint::Using(_))
            | JoinOperator::Left(JoinConstraint::Using(_))
            | JoinOperator::LeftOuter(JoinConstraint::Using(_))
            | JoinOperator::Right(JoinConstraint::Using(_))
            | JoinOperator::RightOuter(JoinConstraint::Using(_))
            | JoinOperator::FullOuter(JoinConstraint::Using(_))
    )
}

/// Whether every row on the left side stays, as this joins it with `UNNEST`; none for joins that cannot.
pub(crate) fn keeps_left(join: &Join) -> Option<bool> {
    let is_true = |condition: &Expr| matches!(condition, Expr::Value(value) if value.value == Value::Boolean(true));
    match (&join.relation, &join.join_operator) {
        (TableFactor::UNNEST { .. }, JoinOperator::CrossJoin(_)) => Some(false),
        (
            TableFactor::UNNEST { .. },
            JoinOperator::Left(JoinConstraint::On(condition))
            | JoinOperator::LeftOuter(JoinConstraint::On(condition)),
        ) => is_true(condition).then_some(true),
        _ => None,
    }
}

/// In a `FROM`, what stands before an `UNNEST` and the `UNNEST` are one relation: [`crate::plan::relation`] plans it.
pub(super) fn after_select(select: &mut Select) {
    let mut all: Vec<TableWithJoins> = Vec::new();
    for item in std::mem::take(&mut select.from) {
        if !matches!(item.relation, TableFactor::UNNEST { .. }) || all.is_empty() {
            all.push(item);
            continue;
        }
        let mut before = std::mem::take(&mut all).into_iter();
        let Some(mut joined) = before.next() else {
            continue;
        };
        joined
            .joins
            .extend(before.map(|item| crossed(nested(item))));
        joined.joins.push(crossed(item.relation));
        joined.joins.extend(item.joins);
        all.push(joined);
    }
    select.from = all.into_iter().map(with_own_joins).collect();
}

/// The same within parentheses.
pub(super) fn after_relation(factor: &mut TableFactor) {
    if let TableFactor::NestedJoin {
        table_with_joins, ..
    } = factor
    {
        let inner = table_with_joins.as_ref().clone();
        **table_with_joins = with_own_joins(inner);
    }
}

fn with_own_joins(item: TableWithJoins) -> TableWithJoins {
    let mut before = TableWithJoins {
        relation: item.relation,
        joins: Vec::new(),
    };
    for join in item.joins {
        if keeps_left(&join).is_none() && !is_using(&join) {
            before.joins.push(join);
            continue;
        }
        let both = TableWithJoins {
            relation: nested(before),
            joins: vec![join],
        };
        before = TableWithJoins {
            relation: nested(both),
            joins: Vec::new(),
        };
    }
    before
}

fn nested(item: TableWithJoins) -> TableFactor {
    if item.joins.is_empty() {
        return item.relation;
    }
    TableFactor::NestedJoin {
        table_with_joins: Box::new(item),
        alias: None,
    }
}

fn crossed(relation: TableFactor) -> Join {
    Join {
        relation,
        global: false,
        join_operator: JoinOperator::CrossJoin(JoinConstraint::None),
    }
}
