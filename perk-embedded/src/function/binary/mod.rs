//! Functions of bytes.
//!
//! | room | what is in it |
//! |---|---|
//! | here | bytes as they are, and as text |
//! | [`encodings`] | bytes as digits, and as numbers |
//! | [`hashes`] | checksums and hashes |

mod encodings;
mod hashes;
mod sha1;
#[cfg(test)]
mod tests;
mod xxhash;

use datafusion::arrow::array::Array;

use super::cell::{Bigint, Bytes, Cell, Text, each1, each2, each3};
use super::text::padded;
use super::{Function, budget, function, invalid};
use crate::error::{Error, Kind, Result};

pub(super) fn functions() -> Vec<Function> {
    let mut all = basics();
    all.extend(encodings::functions());
    all.extend(hashes::functions());
    all
}

fn basics() -> Vec<Function> {
    let substr = function("substr", "Substring of given length starting at an index")
        .form(
            "varbinary, bigint -> varbinary",
            each2::<Bytes, Bigint, Bytes>(|bytes, start| Ok(part(bytes, start, i64::MAX).into())),
        )
        .form(
            "varbinary, bigint, bigint -> varbinary",
            each3::<Bytes, Bigint, Bigint, Bytes>(|bytes, start, length| {
                Ok(part(bytes, start, length).into())
            }),
        );
    vec![
        function("$binary", "The bytes that hexadecimal digits are")
            .form("varchar -> varbinary", each1::<Text, Bytes>(literal)),
        function("length", "Length of the given binary").form(
            "varbinary -> bigint",
            each1::<Bytes, Bigint>(|bytes| Ok(length(bytes))),
        ),
        function("concat", "Concatenates given varbinary values").form(
            "varbinary, varbinary, varbinary... -> varbinary",
            |call| {
                let columns: Vec<_> = call.arguments.iter().map(Bytes::column).collect();
                call.rows::<Bytes>(|row| {
                    let parts = columns
                        .iter()
                        .map(|column| column.is_valid(row).then(|| column.value(row)));
                    let parts = parts.collect::<Option<Vec<_>>>();
                    budget::bytes(parts.iter().flatten().map(|part| part.len()).sum())?;
                    Ok(parts.map(|parts| parts.concat()))
                })
            },
        ),
        substr.also("substring"),
        substr,
        function("reverse", "Reverse a given varbinary").form(
            "varbinary -> varbinary",
            each1::<Bytes, Bytes>(|bytes| Ok(bytes.iter().rev().copied().collect())),
        ),
        pad("lpad", "Pads a varbinary on the left", |bytes, padding| {
            [&padding, bytes].concat()
        }),
        pad("rpad", "Pads a varbinary on the right", |bytes, padding| {
            [bytes, &padding].concat()
        }),
        function("to_utf8", "Encodes the string to UTF-8").form(
            "varchar -> varbinary",
            each1::<Text, Bytes>(|text| Ok(text.as_bytes().to_vec())),
        ),
        from_utf8(),
    ]
}

fn from_utf8() -> Function {
    function("from_utf8", "Decodes the UTF-8 encoded string")
        .form(
            "varbinary -> varchar",
            each1::<Bytes, Text>(|bytes| Ok(String::from_utf8_lossy(bytes).into_owned())),
        )
        .form(
            "varbinary, varchar -> varchar",
            each2::<Bytes, Text, Text>(|bytes, replacement| {
                if replacement.chars().nth(1).is_some() {
                    let message = "Replacement character string must empty or a single character";
                    return Err(invalid(message));
                }
                Ok(decoded(bytes, replacement))
            }),
        )
        .form(
            "varbinary, bigint -> varchar",
            each2::<Bytes, Bigint, Text>(|bytes, code| {
                let replacement = u32::try_from(code).ok().and_then(char::from_u32);
                let replacement =
                    replacement.ok_or_else(|| invalid("Invalid replacement character"))?;
                Ok(decoded(bytes, replacement.encode_utf8(&mut [0; 4])))
            }),
        )
}

/// The text, with this for what is none.
fn decoded(bytes: &[u8], replacement: &str) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            out.push_str(replacement);
        }
    }
    out
}

/// `X'…'`.
fn literal(digits: &str) -> Result<Vec<u8>> {
    let digits: Vec<char> = digits
        .chars()
        .filter(|digit| !digit.is_ascii_whitespace())
        .collect();
    let wrong = |message: &str| Error::new(Kind::Syntax, message);
    if !digits.iter().all(char::is_ascii_hexdigit) {
        let message = "Binary literal can only contain hexadecimal digits";
        return Err(wrong(message));
    }
    if !digits.len().is_multiple_of(2) {
        let message = "Binary literal must contain an even number of digits";
        return Err(wrong(message));
    }
    let pairs = digits.chunks(2);
    Ok(pairs.filter_map(encodings::byte).collect())
}

fn length(bytes: &[u8]) -> i64 {
    i64::try_from(bytes.len()).unwrap_or(i64::MAX)
}

/// From a place, counted from 1, or from the end where it is negative.
fn part(bytes: &[u8], start: i64, wanted: i64) -> &[u8] {
    let from = match start {
        1.. => start - 1,
        0 => return &[],
        _ => length(bytes).saturating_add(start),
    };
    let rest = usize::try_from(from)
        .ok()
        .and_then(|from| bytes.get(from..));
    let rest = rest.unwrap_or_default();
    let wanted = usize::try_from(wanted).unwrap_or(0);
    &rest[..rest.len().min(wanted)]
}

fn pad(
    name: &'static str,
    description: &'static str,
    put: fn(&[u8], Vec<u8>) -> Vec<u8>,
) -> Function {
    function(name, description).form(
        "varbinary, bigint, varbinary -> varbinary",
        each3::<Bytes, Bigint, Bytes, Bytes>(move |bytes, wanted, padding| {
            let Some(missing) = padded(wanted, length(bytes), padding.is_empty())? else {
                return Ok(part(bytes, 1, wanted).to_vec());
            };
            Ok(put(
                bytes,
                padding.iter().copied().cycle().take(missing).collect(),
            ))
        }),
    )
}
