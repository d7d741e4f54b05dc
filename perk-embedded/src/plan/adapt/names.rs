//! Names have no case in Presto, whether in quotes or not; `DataFusion` keeps it of those in quotes.

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, ObjectName, ObjectNamePart, TableAlias, TableFactor,
};

use super::Rules;
use super::queries::UNNAMED;
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

impl Rules<'_> {
    /// Tables and what they are called here. `DataFusion` keeps columns apart by their tables, also from what a `SELECT` calls
    /// its own, so that every query in the place of a table is called something.
    pub(super) fn relation(&mut self, factor: &mut TableFactor) {
        let alias = match factor {
            TableFactor::Table { name, alias, .. } => {
                of_object(name);
                alias
            }
            TableFactor::Derived { alias, .. } | TableFactor::UNNEST { alias, .. } => {
                alias.get_or_insert_with(|| {
                    self.unnamed += 1;
                    table_alias(&format!("{UNNAMED}{}", self.unnamed))
                });
                alias
            }
            TableFactor::NestedJoin { alias, .. } => alias,
            _ => return,
        };
        if let Some(alias) = alias {
            of_alias(alias);
        }
    }
}

/// `AS name`.
pub(super) fn table_alias(name: &str) -> TableAlias {
    TableAlias {
        explicit: true,
        name: Ident::with_quote('"', name),
        columns: Vec::new(),
        at: None,
    }
}

/// `t (a, b)`.
pub(super) fn of_alias(alias: &mut TableAlias) {
    fold(&mut alias.name);
    for column in &mut alias.columns {
        fold(&mut column.name);
    }
}
