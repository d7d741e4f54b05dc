//! The headers that go to the cluster.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use perk_core::{Dialect, Statement};

use crate::wire::header_name;

/// A statement's headers in the cluster's dialect.
pub(crate) fn of(statement: &Statement, dialect: Dialect) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(statement.headers.len() + 4);
    for (suffix, value) in &statement.headers {
        append(&mut headers, header_name(dialect, suffix), value, false);
    }
    add_credentials(&mut headers, statement, dialect);
    headers
}

/// The headers of every later request of a statement: who asks, for whom, and by what right.
pub(super) fn again(statement: &Statement, dialect: Dialect) -> HeaderMap {
    let mut headers = as_user(dialect, &statement.user);
    for (suffix, value) in &statement.headers {
        if suffix.eq_ignore_ascii_case("original-user") {
            append(&mut headers, header_name(dialect, suffix), value, false);
        }
    }
    add_credentials(&mut headers, statement, dialect);
    headers
}

/// The headers of a request about a user's query.
pub(super) fn as_user(dialect: Dialect, user: &str) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(4);
    append(&mut headers, header_name(dialect, "user"), user, false);
    headers
}

fn add_credentials(headers: &mut HeaderMap, statement: &Statement, dialect: Dialect) {
    for (name, secret) in &statement.credentials {
        let name = if name.eq_ignore_ascii_case("authorization") {
            Some(header::AUTHORIZATION)
        } else {
            header_name(dialect, name)
        };
        append(headers, name, secret.reveal(), true);
    }
}

/// What came in as a header can go out as one; anything else is left out.
fn append(headers: &mut HeaderMap, name: Option<HeaderName>, value: &str, sensitive: bool) {
    if let (Some(name), Ok(mut value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
        value.set_sensitive(sensitive);
        headers.append(name, value);
    }
}
