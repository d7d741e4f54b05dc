//! Presto's aggregate and window functions.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use datafusion::logical_expr::{AggregateUDF, WindowUDF};

use crate::types::Type;

/// The aggregate functions, by name.
pub(crate) static AGGREGATES: LazyLock<BTreeMap<&'static str, Arc<AggregateUDF>>> =
    LazyLock::new(|| {
        use datafusion::functions_aggregate as df;
        BTreeMap::from([
            ("count", df::count::count_udaf()),
            ("sum", df::sum::sum_udaf()),
            ("avg", df::average::avg_udaf()),
            ("min", df::min_max::min_udaf()),
            ("max", df::min_max::max_udaf()),
        ])
    });

/// The window function of that name.
pub(crate) fn window(name: &str) -> Option<Arc<WindowUDF>> {
    use datafusion::functions_window as df;
    Some(match name {
        "row_number" => df::row_number::row_number_udwf(),
        "rank" => df::rank::rank_udwf(),
        _ => return None,
    })
}

/// What an aggregate or window function gives for arguments of these types, where that is more than Arrow's type says.
pub(crate) fn returns(name: &str, arguments: &[Type]) -> Option<Type> {
    match (name, arguments) {
        ("min" | "max", [kind]) => Some(kind.clone()),
        _ => None,
    }
}
