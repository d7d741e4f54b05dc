//! Columns of `VALUES` have no names in Presto; `DataFusion` calls them `column1` and so on.

use datafusion::sql::sqlparser::ast::{
    Query, Select, SelectItem, SetExpr, TableAliasColumnDef, TableFactor, TableWithJoins, Values,
    WildcardAdditionalOptions,
};

use super::names::table_alias;
use super::queries::UNNAMED;
use super::subqueries::{derived, plain_query, plain_select};

/// Whose rows have been given names already.
const NAMED: &str = "$values";

/// Whether the query in this table has its columns named by it.
pub(super) fn names_all(factor: &TableFactor) -> bool {
    let TableFactor::Derived {
        subquery,
        alias: Some(alias),
        ..
    } = factor
    else {
        return false;
    };
    matches!(&*subquery.body, SetExpr::Values(_)) && !alias.columns.is_empty()
}

/// `VALUES …` becomes `SELECT * FROM (VALUES …) AS "$values" ("$unnamed0", …)`.
pub(super) fn name(body: &mut SetExpr) {
    match body {
        SetExpr::Values(values) => {
            let values = std::mem::replace(
                values,
                Values {
                    explicit_row: false,
                    value_keyword: false,
                    rows: Vec::new(),
                },
            );
            *body = SetExpr::Select(Box::new(select_all(values)));
        }
        SetExpr::SetOperation { left, right, .. } => {
            name(left);
            name(right);
        }
        _ => {}
    }
}

fn select_all(values: Values) -> Select {
    let columns = values.rows.first().map_or(0, |row| row.len());
    let column = |i| TableAliasColumnDef::from_name(format!("{UNNAMED}{i}"));
    let mut alias = table_alias(NAMED);
    alias.columns = (0..columns).map(column).collect();
    let rows: Query = plain_query(SetExpr::Values(values));
    let all = SelectItem::Wildcard(WildcardAdditionalOptions::default());
    let from = TableWithJoins {
        relation: derived(rows, Some(alias)),
        joins: Vec::new(),
    };
    plain_select(vec![all], vec![from])
}
