//! Which clients read rows, and the end, out of a POST's answer.

use http::{HeaderMap, header};
use perk_core::PostAnswer;

/// How the `User-Agent` of a tested client begins: presto-cli and older Presto JDBC drivers, Presto JDBC, trino-cli,
/// Trino JDBC, trino (Python). Each was seen to read columns, rows and the end there; `tests/clients.rs` holds that.
/// Others lose rows or fail: trino-go-client, Node's clients, presto-python-client, which shares `python-requests`
/// with `PyHive`.
const READ_ROWS_FROM_POST: &[&str] = &[
    "StatementClientV1/",
    "Presto JDBC Driver/",
    "trino-cli",
    "Trino JDBC Driver/",
    "Trino Python Client/",
    "perk/",
];

/// What the client that sent these headers can do with the answer to its POST.
pub(super) fn post_answer(headers: &HeaderMap) -> PostAnswer {
    let agent = headers
        .get(header::USER_AGENT)
        .map_or(&[][..], http::HeaderValue::as_bytes);
    if READ_ROWS_FROM_POST
        .iter()
        .any(|known| agent.starts_with(known.as_bytes()))
    {
        PostAnswer::MayHoldRows
    } else {
        PostAnswer::TokenOnly
    }
}
