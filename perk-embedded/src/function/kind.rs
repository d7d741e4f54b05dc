//! What type a value is of.

use super::cell::Text;
use super::signature::Bound;
use super::{Function, function};
use crate::types::Type;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("typeof", "textual representation of expression type").form_by_rule(
            "T -> varchar",
            |arguments, _| {
                (arguments.len() == 1).then(|| Bound {
                    arguments: arguments.to_vec(),
                    returns: Type::VARCHAR,
                    distance: 0,
                })
            },
            |call| {
                let name = call.types[0].to_string();
                call.rows::<Text>(|_| Ok(Some(name.clone())))
            },
        ),
    ]
}
