//! A POST's headers and body become a [`Statement`].

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Body;
use percent_encoding::percent_decode_str;
use perk_core::{Dialect, ErrorType, QueryError, Secret, Statement};

use super::Refusal;

/// What came with a POST.
pub(crate) enum Posted {
    Statement(Statement),
    /// The statement is too long, which the engines say in a query's error, and so does Perk.
    TooLong {
        /// Without its text.
        statement: Statement,
        error: QueryError,
    },
}

/// For how long a client may be silent in the middle of its statement.
const SILENCE: Duration = Duration::from_mins(1);
/// Headers that are for this server alone: addresses it builds, and an encoding of rows that it does not offer.
const NOT_PASSED_ON: &[&str] = &["prefix-url", "query-data-encoding"];
/// Headers whose values must not be shown.
const CREDENTIALS: &[&str] = &["extra-credential"];

/// Reads a statement.
pub(crate) async fn statement<B>(
    headers: &HeaderMap,
    body: B,
    max_chars: usize,
) -> Result<Posted, Refusal>
where
    B: Body + Send + Unpin,
    B::Data: Buf + Send,
    B::Error: std::fmt::Display,
{
    let dialect = dialect(headers)?;
    let user = user(headers)?;
    let mut statement = Statement::new(dialect, &user, "");
    statement.headers.clear();
    let prefix = dialect.header_prefix().to_ascii_lowercase();
    for (name, value) in headers {
        let Some(suffix) = name.as_str().strip_prefix(&prefix) else {
            continue;
        };
        let value = std::str::from_utf8(value.as_bytes())
            .map_err(|_| invalid(name.as_str(), "it is not UTF-8"))?;
        if value.is_empty() || NOT_PASSED_ON.contains(&suffix) {
            continue;
        }
        take(&mut statement, suffix, value).map_err(|why| invalid(name.as_str(), why))?;
    }
    if !statement.headers.iter().any(|(suffix, _)| suffix == "user") {
        statement.headers.push(("user".to_owned(), user));
    }
    if let Some(authorization) = headers.get(header::AUTHORIZATION) {
        let value = authorization
            .to_str()
            .map_err(|_| invalid("authorization", "it is not ASCII"))?;
        statement
            .credentials
            .push(("authorization".to_owned(), Secret::new(value)));
    }
    match text(body, max_chars).await? {
        Ok(sql) if sql.is_empty() => Err(Refusal::bad_request("SQL statement is empty")),
        Ok(sql) => Ok(Posted::Statement(Statement { sql, ..statement })),
        Err(length) => {
            let message =
                format!("Query text length ({length}) exceeds the maximum length ({max_chars})");
            let error =
                QueryError::standard("QUERY_TEXT_TOO_LARGE", 35, ErrorType::UserError, message);
            Ok(Posted::TooLong { statement, error })
        }
    }
}

/// Refuses a statement that carries what could only be stored in the clear.
pub(super) fn refuse_credentials(posted: &Posted) -> Result<(), Refusal> {
    let (Posted::Statement(statement) | Posted::TooLong { statement, .. }) = posted;
    let names: Vec<&str> = statement
        .credentials
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let names = names.join(" and ");
    Err(Refusal::bad_request(format!(
        "this Perk has no key to store credentials encrypted with: send the statement without {names}, or have its gateways \
         and workers given a credential key"
    )))
}

/// Takes one header, after a look at what the engines would refuse.
fn take(statement: &mut Statement, suffix: &str, value: &str) -> Result<(), &'static str> {
    match suffix {
        "source" => statement.source = Some(value.to_owned()),
        "client-tags" => {
            let tags = value
                .split(',')
                .map(str::trim)
                .filter(|tag| !tag.is_empty());
            statement.client_tags.extend(tags.map(str::to_owned));
        }
        "transaction-id" if value.eq_ignore_ascii_case("none") => {}
        "transaction-id" => {
            statement.transaction = Some(value.parse().map_err(|_| "it is no transaction id")?);
        }
        "session" | "prepared-statement" | "extra-credential" | "resource-estimate" | "role" => {
            pairs(value)?;
        }
        _ => {}
    }
    if CREDENTIALS.contains(&suffix) {
        statement
            .credentials
            .push((suffix.to_owned(), Secret::new(value)));
    } else {
        statement
            .headers
            .push((suffix.to_owned(), value.to_owned()));
    }
    Ok(())
}

/// Checks `name=value, name=value`, where values are URL-encoded.
fn pairs(value: &str) -> Result<(), &'static str> {
    for pair in value
        .split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
    {
        let (name, value) = pair.split_once('=').ok_or("it must be name=value")?;
        if name.trim().is_empty() {
            return Err("it names nothing before the =");
        }
        if !is_url_encoded(value) {
            return Err("the value after the = is not URL-encoded");
        }
    }
    Ok(())
}

fn is_url_encoded(value: &str) -> bool {
    let escapes = value.split('%').skip(1);
    let mut digits = escapes.map(|rest| {
        rest.as_bytes()
            .get(..2)
            .is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit))
    });
    digits.all(|fine| fine) && percent_decode_str(value).decode_utf8().is_ok()
}

fn invalid(name: &str, why: &str) -> Refusal {
    Refusal::bad_request(format!("Invalid {name} header: {why}"))
}

/// Which dialect a request's headers are in. Both at once could mean two sessions, so they mean none.
fn dialect(headers: &HeaderMap) -> Result<Dialect, Refusal> {
    let has = |prefix| headers.keys().any(|name| name.as_str().starts_with(prefix));
    match (has("x-presto-"), has("x-trino-")) {
        (true, false) => Ok(Dialect::Presto),
        (false, true) => Ok(Dialect::Trino),
        (true, true) => Err(Refusal::bad_request(
            "send X-Presto-* or X-Trino-* headers, not both",
        )),
        (false, false) => Err(Refusal::bad_request(
            "User must be set: send the X-Presto-User or X-Trino-User header",
        )),
    }
}

/// Who asks, as both engines' class of the name `HttpRequestSessionContext` finds out.
pub(super) fn user(headers: &HeaderMap) -> Result<String, Refusal> {
    let named = ["x-presto-user", "x-trino-user", "x-trino-original-user"]
        .iter()
        .filter_map(|name| std::str::from_utf8(headers.get(*name)?.as_bytes()).ok())
        .find(|user| !user.trim().is_empty());
    let basic = || {
        let encoded = headers
            .get(header::AUTHORIZATION)?
            .to_str()
            .ok()?
            .strip_prefix("Basic ")?;
        let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        Some(decoded.split_once(':')?.0.to_owned()).filter(|user| !user.is_empty())
    };
    let user = named
        .map(|user| user.trim().to_owned())
        .or_else(basic)
        .ok_or_else(|| {
            Refusal::bad_request("User must be set: send the X-Presto-User or X-Trino-User header")
        })?;
    // A name out of Basic credentials may have what no header can: the cluster would be told of another user, or of none.
    match HeaderValue::from_bytes(user.as_bytes()) {
        Ok(_) => Ok(user),
        Err(_) => Err(invalid(
            "authorization",
            "the user's name has control characters",
        )),
    }
}

/// Reads the SQL, no more of it than can be right; `Err` with its length when it is too long.
async fn text<B>(mut body: B, max_chars: usize) -> Result<Result<String, usize>, Refusal>
where
    B: Body + Send + Unpin,
    B::Data: Buf + Send,
    B::Error: std::fmt::Display,
{
    // A character has 4 bytes at most. What is longer is counted, so that the error can say how long it was, but not kept.
    let most_bytes = max_chars.saturating_mul(4);
    let mut read = BytesMut::new();
    let mut chars = 0_usize;
    let silent = |_| {
        let text = "the rest of the statement did not come";
        Refusal::new(StatusCode::REQUEST_TIMEOUT, text)
    };
    while let Some(frame) = tokio::time::timeout(SILENCE, body.frame())
        .await
        .map_err(silent)?
    {
        let frame = frame
            .map_err(|error| Refusal::bad_request(format!("the statement was cut off: {error}")))?;
        let Ok(mut data) = frame.into_data() else {
            continue;
        };
        while data.has_remaining() {
            let chunk = data.chunk();
            chars += chunk.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
            if chars > max_chars.saturating_mul(64) {
                return Err(Refusal::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "the statement is far longer than is taken",
                ));
            }
            if read.len() + chunk.len() <= most_bytes && chars <= max_chars {
                read.extend_from_slice(chunk);
            }
            let length = chunk.len();
            data.advance(length);
        }
    }
    if chars > max_chars {
        return Ok(Err(chars));
    }
    let text = String::from_utf8(read.into())
        .map_err(|_| Refusal::bad_request("the statement is not UTF-8"))?;
    Ok(Ok(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::Full;

    async fn read(headers: &[(&str, &str)], sql: &[u8]) -> Result<Posted, String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().unwrap();
            map.append(
                name,
                http::HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        let body = Full::new(bytes::Bytes::copy_from_slice(sql));
        statement(&map, body, 100)
            .await
            .map_err(|refusal| format!("{} {}", refusal.status.as_u16(), refusal.text))
    }

    async fn refused(headers: &[(&str, &str)], sql: &[u8]) -> String {
        match read(headers, sql).await {
            Err(text) => text,
            Ok(_) => panic!("{headers:?} was taken"),
        }
    }

    #[tokio::test]
    async fn headers_become_a_statement() {
        let headers = [
            ("X-Trino-User", "ann"),
            ("X-Trino-Source", "test"),
            ("X-Trino-Client-Tags", "a, b"),
            ("X-Trino-Transaction-Id", "NONE"),
            ("X-Trino-Session", ""),
            ("X-Trino-Session", "a=b%20c,d=e"),
            ("X-Trino-Query-Data-Encoding", "json"),
            ("X-Trino-Extra-Credential", "token=abc"),
            ("X-Trino-Unheard-Of", "é"),
            ("X-Forwarded-Host", "elsewhere"),
            ("Authorization", "Basic YW5uOnB3"),
        ];
        let Posted::Statement(statement) = read(&headers, "SELECT 'é'".as_bytes()).await.unwrap()
        else {
            panic!()
        };
        assert_eq!(
            (statement.user.as_str(), statement.sql.as_str()),
            ("ann", "SELECT 'é'")
        );
        assert_eq!(statement.source.as_deref(), Some("test"));
        assert_eq!(statement.client_tags, ["a", "b"]);
        assert_eq!(statement.transaction, None);
        let passed: Vec<&str> = statement
            .headers
            .iter()
            .map(|(suffix, _)| suffix.as_str())
            .collect();
        assert_eq!(
            passed,
            [
                "user",
                "source",
                "client-tags",
                "transaction-id",
                "session",
                "unheard-of"
            ]
        );
        let secret: Vec<&str> = statement
            .credentials
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(secret, ["extra-credential", "authorization"]);
        assert!(!format!("{statement:?}").contains("abc"));
    }

    #[tokio::test]
    async fn bad_requests_say_what_is_wrong() {
        let user = ("X-Presto-User", "ann");
        for (headers, sql, expected) in [
            (vec![user], &b""[..], "400 SQL statement is empty"),
            (
                vec![user],
                b"SELECT '\xff'",
                "400 the statement is not UTF-8",
            ),
            (vec![], b"SELECT 1", "400 User must be set"),
            (
                vec![("X-Presto-Catalog", "a")],
                b"SELECT 1",
                "400 User must be set",
            ),
            (vec![user, ("X-Trino-User", "ann")], b"SELECT 1", "not both"),
            (
                vec![user, ("X-Presto-Session", "abc")],
                b"SELECT 1",
                "Invalid x-presto-session header: it must be name=value",
            ),
            (
                vec![user, ("X-Presto-Session", "=b")],
                b"SELECT 1",
                "names nothing",
            ),
            (
                vec![user, ("X-Presto-Prepared-Statement", "a=%zz")],
                b"SELECT 1",
                "not URL-encoded",
            ),
            (
                vec![user, ("X-Presto-Prepared-Statement", "a=%ff")],
                b"SELECT 1",
                "not URL-encoded",
            ),
            (
                vec![user, ("X-Presto-Transaction-Id", "a b")],
                b"SELECT 1",
                "no transaction id",
            ),
        ] {
            let text = refused(&headers, sql).await;
            assert!(text.contains(expected), "{headers:?}: {text}");
        }
    }

    #[tokio::test]
    async fn a_statement_is_as_long_as_its_characters() {
        let user = [("X-Presto-User", "ann")];
        assert!(matches!(
            read(&user, "é".repeat(100).as_bytes()).await,
            Ok(Posted::Statement(_))
        ));
        match read(&user, "é".repeat(101).as_bytes()).await {
            Ok(Posted::TooLong { error, .. }) => {
                assert_eq!(
                    error.message,
                    "Query text length (101) exceeds the maximum length (100)"
                );
            }
            _ => panic!(),
        }
        assert!(refused(&user, &vec![b'x'; 10_000]).await.starts_with("413"));
    }

    /// A body that never comes.
    struct Silent;

    impl Body for Silent {
        type Data = bytes::Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<hyper::body::Frame<bytes::Bytes>, Self::Error>>>
        {
            std::task::Poll::Pending
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_statement_is_not_waited_for_for_ever() {
        let mut headers = HeaderMap::new();
        headers.insert("x-presto-user", http::HeaderValue::from_static("ann"));
        let Err(refusal) = statement(&headers, Silent, 100).await else {
            panic!("it was taken")
        };
        assert_eq!(refusal.status, StatusCode::REQUEST_TIMEOUT);
    }
}
