//! `WITH` in a query within one that has a `WITH` of the same name already, which `DataFusion` refuses: the inner one is
//! called something else, and so are the tables that mean it.

use datafusion::sql::sqlparser::ast::{ObjectNamePart, Query, TableFactor};

use super::Rules;
use super::names::table_alias;
use crate::plan::syntax::folded;

/// The names that a query's `WITH` gives.
#[derive(Default)]
pub(super) struct With {
    names: Vec<Named>,
    /// How many of them are known so far: each is to those behind it.
    known: usize,
}

struct Named {
    written: String,
    /// What it is called here.
    own: String,
}

impl Rules<'_> {
    pub(super) fn enter_query(&mut self, query: &mut Query) {
        let mut names = Vec::new();
        for table in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
            let written = folded(&table.alias.name);
            let mut outer = self.withs.iter().flat_map(|with| &with.names);
            let own = if outer.any(|outer| outer.written == written) {
                self.unnamed += 1;
                format!("$with{}", self.unnamed)
            } else {
                written.clone()
            };
            table.alias.name.value.clone_from(&own);
            names.push(Named { written, own });
        }
        self.withs.push(With { names, known: 0 });
    }

    /// The queries of a `WITH` come first of those that are in a query.
    pub(super) fn leave_query(&mut self) {
        self.withs.pop();
        if let Some(outer) = self.withs.last_mut() {
            outer.known = (outer.known + 1).min(outer.names.len());
        }
    }

    /// A table that a `WITH` has given by another name than its own.
    pub(super) fn table_of_with(&self, factor: &mut TableFactor) {
        let TableFactor::Table { name, alias, .. } = factor else {
            return;
        };
        let [ObjectNamePart::Identifier(name)] = name.0.as_mut_slice() else {
            return;
        };
        let known = self.withs.iter().rev();
        let mut known = known.flat_map(|with| with.names[..with.known].iter().rev());
        if let Some(found) = known.find(|known| known.written == name.value)
            && found.own != found.written
        {
            alias.get_or_insert_with(|| table_alias(&found.written));
            name.value.clone_from(&found.own);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::answer;
    use serde_json::json;

    #[test]
    fn the_nearest_is_meant() {
        for (sql, expected) in [
            (
                "WITH t AS (SELECT 1 AS x) SELECT * FROM (WITH t AS (SELECT 2 AS x) SELECT t.x FROM t) a, t",
                json!([[2, 1]]),
            ),
            (
                "WITH t AS (SELECT 1 AS x) SELECT * FROM (WITH T AS (SELECT x + 1 AS x FROM t), u AS (SELECT x FROM t) SELECT x FROM u)",
                json!([[2]]),
            ),
        ] {
            assert_eq!(json!(answer(sql).unwrap().rows), expected, "{sql}");
        }
    }
}
