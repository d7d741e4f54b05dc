//! Functions of text.

use super::cell::{Bigint, Text, each1, each2};
use super::{Function, function};

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("length", "Count of code points of the given string").form(
            "varchar -> bigint",
            each1::<Text, Bigint>(|text| {
                Ok(i64::try_from(text.chars().count()).unwrap_or(i64::MAX))
            }),
        ),
        function("concat", "Concatenates given strings").form(
            "varchar, varchar -> varchar",
            each2::<Text, Text, Text>(|a, b| Ok(format!("{a}{b}"))),
        ),
    ]
}
