//! How a client is told of a type: Trino's `type` and `typeSignature`, which is what this engine's pages are written in.
//! (Perk's gateway writes them anew for Presto's clients.)

use serde_json::{Value, json};

use super::{Type, quoted_where_needed};

/// What Trino calls the length of a `varchar` without a bound.
const UNBOUNDED: i32 = i32::MAX;

/// Which spelling of times and timestamps a client reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Datetimes {
    /// `timestamp`.
    Plain,
    /// `timestamp(3)`: for clients that name `PARAMETRIC_DATETIME` among their capabilities.
    Parametric,
}

/// A column's object in `columns`.
pub(crate) fn column(name: &str, kind: &Type, datetimes: Datetimes) -> Value {
    json!({
        "name": name,
        "type": spelled(kind, datetimes),
        "typeSignature": signature(kind, datetimes),
    })
}

fn spelled(kind: &Type, datetimes: Datetimes) -> String {
    let precision = match datetimes {
        Datetimes::Plain => "",
        Datetimes::Parametric => "(3)",
    };
    match kind {
        Type::Decimal(precision, scale) => format!("decimal({precision}, {scale})"),
        Type::Time => format!("time{precision}"),
        Type::TimeWithZone => format!("time{precision} with time zone"),
        Type::Timestamp => format!("timestamp{precision}"),
        Type::TimestampWithZone(_) => format!("timestamp{precision} with time zone"),
        Type::Array(element) => format!("array({})", spelled(element, datetimes)),
        Type::Map(key, value) => {
            let (key, value) = (spelled(key, datetimes), spelled(value, datetimes));
            format!("map({key}, {value})")
        }
        Type::Row(fields) => {
            let field = |(name, kind): &(Option<String>, Type)| {
                let kind = spelled(kind, datetimes);
                match name {
                    Some(name) => format!("{} {kind}", quoted_where_needed(name)),
                    None => kind,
                }
            };
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("row({})", fields.join(", "))
        }
        // Only here, not in the signature.
        Type::IntervalYearToMonth | Type::IntervalDayToSecond => kind.to_string().to_uppercase(),
        plain => plain.to_string(),
    }
}

fn signature(kind: &Type, datetimes: Datetimes) -> Value {
    let long = |value: i64| json!({ "kind": "LONG", "value": value });
    let inner = |kind: &Type| json!({ "kind": "TYPE", "value": signature(kind, datetimes) });
    let precision = || match datetimes {
        Datetimes::Plain => vec![],
        Datetimes::Parametric => vec![long(3)],
    };
    let (raw, arguments) = match kind {
        Type::Decimal(precision, scale) => (
            "decimal",
            vec![long((*precision).into()), long((*scale).into())],
        ),
        Type::Varchar(length) => {
            let length = length.map_or(UNBOUNDED.into(), i64::from);
            ("varchar", vec![long(length)])
        }
        Type::Char(length) => ("char", vec![long((*length).into())]),
        Type::Time => ("time", precision()),
        Type::TimeWithZone => ("time with time zone", precision()),
        Type::Timestamp => ("timestamp", precision()),
        Type::TimestampWithZone(_) => ("timestamp with time zone", precision()),
        Type::Array(element) => ("array", vec![inner(element)]),
        Type::Map(key, value) => ("map", vec![inner(key), inner(value)]),
        Type::Row(fields) => {
            let field = |(name, kind): &(Option<String>, Type)| {
                let signature = signature(kind, datetimes);
                let value = match name {
                    Some(name) => {
                        json!({ "fieldName": { "name": name }, "typeSignature": signature })
                    }
                    None => json!({ "typeSignature": signature }),
                };
                json!({ "kind": "NAMED_TYPE", "value": value })
            };
            ("row", fields.iter().map(field).collect())
        }
        plain => return json!({ "rawType": plain.to_string(), "arguments": [] }),
    };
    json!({ "rawType": raw, "arguments": arguments })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::parse::parse;

    fn of(text: &str, datetimes: Datetimes) -> Value {
        column("c", &parse(text).unwrap(), datetimes)
    }

    /// As Trino 476 was seen to spell them.
    #[test]
    fn types_are_spelled_as_trino_spells_them() {
        for (text, spelled) in [
            ("decimal(10,2)", "decimal(10, 2)"),
            ("varchar(5)", "varchar(5)"),
            ("interval day to second", "INTERVAL DAY TO SECOND"),
            (
                "row(\"X y\" bigint, b array(varchar))",
                "row(\"X y\" bigint, b array(varchar))",
            ),
            ("map(timestamp, integer)", "map(timestamp, integer)"),
        ] {
            assert_eq!(of(text, Datetimes::Plain)["type"], spelled);
        }
        let parametric = of("map(timestamp, time with time zone)", Datetimes::Parametric);
        assert_eq!(
            parametric["type"],
            "map(timestamp(3), time(3) with time zone)"
        );
    }

    #[test]
    fn signatures_are_trino_s() {
        let signature = |text| of(text, Datetimes::Plain)["typeSignature"].clone();
        assert_eq!(
            signature("varchar"),
            json!({ "rawType": "varchar", "arguments": [{ "kind": "LONG", "value": 2_147_483_647 }] })
        );
        let bigint = json!({ "rawType": "bigint", "arguments": [] });
        assert_eq!(
            signature("row(a bigint, bigint)"),
            json!({ "rawType": "row", "arguments": [
                { "kind": "NAMED_TYPE", "value": { "fieldName": { "name": "a" }, "typeSignature": bigint } },
                { "kind": "NAMED_TYPE", "value": { "typeSignature": bigint } },
            ] })
        );
        assert_eq!(
            of("timestamp with time zone", Datetimes::Parametric)["typeSignature"],
            json!({ "rawType": "timestamp with time zone", "arguments": [{ "kind": "LONG", "value": 3 }] })
        );
    }
}
