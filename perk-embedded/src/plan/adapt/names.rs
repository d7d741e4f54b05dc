//! Names have no case in Presto, whether in quotes or not; `DataFusion` keeps it of those in quotes.

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, ObjectName, ObjectNamePart, TableAlias, TableFactor,
};

use crate::plan::syntax::folded;

/// Folds a name, and quotes it so that nothing more is done to it.
pub(super) fn fold(name: &mut Ident) {
    name.value = folded(name);
    name.quote_style = Some('"');
}

/// All parts of a name.
pub(super) fn of_object(name: &mut ObjectName) {
    for part in &mut name.0 {
        if let ObjectNamePart::Identifier(part) = part {
            fold(part);
        }
    }
}

/// Columns, with tables before them or not.
pub(super) fn of_columns(expr: &mut Expr) {
    match expr {
        Expr::Identifier(name) => fold(name),
        Expr::CompoundIdentifier(names) => names.iter_mut().for_each(fold),
        Expr::QualifiedWildcard(name, _) => of_object(name),
        _ => {}
    }
}

/// Tables and what they are called here.
pub(super) fn of_relation(factor: &mut TableFactor) {
    let alias = match factor {
        TableFactor::Table { name, alias, .. } => {
            of_object(name);
            alias
        }
        TableFactor::Derived { alias, .. }
        | TableFactor::UNNEST { alias, .. }
        | TableFactor::NestedJoin { alias, .. } => alias,
        _ => return,
    };
    if let Some(alias) = alias {
        of_alias(alias);
    }
}

/// `t (a, b)`.
pub(super) fn of_alias(alias: &mut TableAlias) {
    fold(&mut alias.name);
    for column in &mut alias.columns {
        fold(&mut column.name);
    }
}
