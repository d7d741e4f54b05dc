//! Which tables and functions a statement can name.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::{Result, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::functions_aggregate::grouping::grouping_udaf;
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner, RelationPlanner};
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, TableSource, WindowUDF};

use super::call::Name;
use super::nested::Nested;
use super::relation::Unnests;
use super::using::Usings;
use crate::aggregate;
use crate::aggregate::udaf::Aggregated;
use crate::aggregate::window::Windowed;
use crate::catalog::{Catalogs, Table, TableName};
use crate::function::lambda::udf::CalledWithLambdas;
use crate::function::udf::Called;
use crate::function::{FUNCTIONS, lambda};
use crate::session::Session;

/// Says which columns of grouping sets a row is of. `DataFusion` works it out when it plans the sets.
const GROUPING: &str = "grouping";

/// What a statement's planning is given.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) session: Arc<Session>,
    catalogs: Catalogs,
    /// Tables as the statement first saw them: it sees each in one state, however often it names it.
    seen: Mutex<HashMap<TableName, Table>>,
    options: ConfigOptions,
    expression_planners: Vec<Arc<dyn ExprPlanner>>,
    relation_planners: Vec<Arc<dyn RelationPlanner>>,
}

impl Context {
    pub(crate) fn new(session: Arc<Session>, catalogs: Catalogs, options: ConfigOptions) -> Self {
        let mut context = Self {
            session,
            catalogs,
            seen: Mutex::default(),
            options,
            expression_planners: Vec::new(),
            relation_planners: vec![Arc::new(Unnests), Arc::new(Usings)],
        };
        let functions = ["$field", "$=", "$<>"].map(|name| context.get_function_meta(name));
        if let [Some(field), Some(equal), Some(different)] = functions {
            let planner = Nested {
                field,
                equal,
                different,
            };
            context.expression_planners.push(Arc::new(planner));
        }
        context
    }

    /// A table as a plan names it.
    pub(crate) fn table(&self, name: &TableReference) -> crate::error::Result<Table> {
        let name = TableName::of_plan(&self.session, name)?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match seen.entry(name) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(place) => {
                let table = self.catalogs.table(place.key())?;
                place.insert(table).clone()
            }
        })
    }
}

/// Whether there is a function of that name, in lower case, which is not of one row alone.
pub(crate) fn knows_function(name: &str) -> bool {
    name == GROUPING
        || aggregate::AGGREGATES.contains_key(name)
        || aggregate::window::WINDOWS.contains_key(name)
}

impl ContextProvider for Context {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        Ok(provider_as_source(self.table(&name)?.rows))
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        &self.expression_planners
    }

    fn get_relation_planners(&self) -> &[Arc<dyn RelationPlanner>] {
        &self.relation_planners
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        let Name { function, at } = Name::read(name);
        let function = FUNCTIONS.get(function)?.clone();
        let called = Called::new(name.to_owned(), function, at, self.session.clone());
        Some(Arc::new(called.into()))
    }

    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        let Name { function, at } = Name::read(name);
        let function = lambda::by_marked(function)?;
        let called = CalledWithLambdas::new(name.to_owned(), function, at, self.session.clone());
        Some(Arc::new(HigherOrderUDF::new_from_impl(called)))
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        if name == GROUPING {
            return Some(grouping_udaf());
        }
        let Name { function, at } = Name::read(name);
        let definition = aggregate::AGGREGATES.get(function)?.clone();
        let called = Aggregated::new(name.to_owned(), definition, at);
        Some(Arc::new(called.into()))
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        let Name { function, at } = Name::read(name);
        let definition = aggregate::window::WINDOWS.get(function)?.clone();
        let called = Windowed::new(name.to_owned(), definition, at);
        Some(Arc::new(called.into()))
    }

    fn get_variable_type(&self, _names: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        &self.options
    }

    fn udf_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udaf_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udwf_names(&self) -> Vec<String> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::catalog::memory::{IfExists, IfMissing};
    use crate::catalog::registry;
    use crate::testing::statement;
    use crate::types::Type;

    #[test]
    fn a_statement_sees_a_table_in_one_state() {
        let catalogs = registry::catalogs(1 << 20);
        let memory = catalogs.get("memory").unwrap().memory().unwrap();
        let create = |column: &str| {
            let columns = vec![(column.to_owned(), Type::Bigint)];
            memory.create_table("default", "t", columns, IfExists::Fail)
        };
        let session = Session::new(&statement(""), Utc::now());
        let context = || Context::new(session.clone(), catalogs.clone(), ConfigOptions::default());
        let name = TableReference::full("memory", "default", "t");
        assert_eq!(create("a"), Ok(true));
        let running = context();
        let first = running.table(&name).unwrap();
        memory.drop_table("default", "t", IfMissing::Fail).unwrap();
        assert_eq!(create("b"), Ok(true));
        let again = running.table(&name).unwrap();
        assert_eq!(first.columns, again.columns);
        assert!(Arc::ptr_eq(&first.rows, &again.rows));
        assert_eq!(context().table(&name).unwrap().columns[0].name, "b");
    }
}
