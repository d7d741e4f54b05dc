//! Requests that are HTTP, but not right.

use super::{FLAVORS, Failure, Front, path};
use perk_protocol::testsuite::Flavor;

const STATEMENT: &str = "/v1/statement";

/// What is asked, and what must be answered: the status and parts of the text.
type Case<'a> = (
    &'a str,
    &'a [(&'a str, &'a str)],
    &'a [u8],
    u16,
    &'a [&'a str],
);

const USER: (&str, &str) = ("X-Presto-User", "ann");
const BAD: &[u8] = b"SELECT 'bad'";

const CASES: &[Case<'static>] = &[
    ("no SQL", &[USER], b"", 400, &["SQL statement is empty"]),
    (
        "not UTF-8",
        &[USER],
        b"SELECT 'bad\xff'",
        400,
        &["the statement is not UTF-8"],
    ),
    (
        "no user",
        &[],
        BAD,
        400,
        &["User must be set", "X-Presto-User", "X-Trino-User"],
    ),
    (
        "an empty user",
        &[("X-Trino-User", "  ")],
        BAD,
        400,
        &["User must be set"],
    ),
    (
        "both dialects",
        &[USER, ("X-Trino-User", "ann")],
        BAD,
        400,
        &["X-Presto-*", "X-Trino-*", "not both"],
    ),
    (
        "a session property without value",
        &[USER, ("X-Presto-Session", "query_max_run_time")],
        BAD,
        400,
        &["x-presto-session", "name=value"],
    ),
    (
        "a session property without name",
        &[("X-Trino-User", "ann"), ("X-Trino-Session", "=1")],
        BAD,
        400,
        &["x-trino-session", "names nothing"],
    ),
    (
        "a prepared statement that is not encoded",
        &[USER, ("X-Presto-Prepared-Statement", "q=SELECT%2")],
        BAD,
        400,
        &["x-presto-prepared-statement", "not URL-encoded"],
    ),
    (
        "a prepared statement that is not UTF-8",
        &[USER, ("X-Presto-Prepared-Statement", "q=%C3%28")],
        BAD,
        400,
        &["x-presto-prepared-statement", "not URL-encoded"],
    ),
    (
        "one bad among good ones",
        &[
            USER,
            ("X-Presto-Session", "a=1"),
            ("X-Presto-Session", "b=2,c"),
        ],
        BAD,
        400,
        &["x-presto-session", "name=value"],
    ),
    (
        "no transaction's id",
        &[USER, ("X-Presto-Transaction-Id", "a b")],
        BAD,
        400,
        &["x-presto-transaction-id", "no transaction id"],
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_statements_are_refused_with_a_reason_and_never_run() {
    let front = Front::start(Flavor::Presto).await;
    for (what, headers, sql, status, parts) in CASES {
        let reply = front.ask("POST", STATEMENT, headers, sql);
        assert_eq!(reply.status, *status, "{what}: {reply:?}");
        for part in *parts {
            assert!(reply.body.contains(part), "{what}: {reply:?}");
        }
        assert!(
            reply
                .header("content-type")
                .is_some_and(|kind| kind.starts_with("text/plain")),
            "{what}: {reply:?}"
        );
        front.is_unharmed().await;
    }
    assert_eq!(front.coordinator.seen().posts_of("bad"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_may_have_a_million_characters_and_not_one_more() {
    let front = Front::start(Flavor::Trino).await;
    let select = "SELECT 1 -- ";
    let of_length = |chars: usize| format!("{select}{}", "é".repeat(chars - select.len()));
    assert_eq!(front.run(&of_length(1_000_000)).rows.len(), 1);

    let posted = front.post(&of_length(1_000_001));
    // A client that is not known to read errors from a POST gets them at its token.
    assert!(posted["error"].is_null(), "{posted}");
    let posted = front.next(&posted).json();
    assert!(posted["nextUri"].is_null(), "{posted}");
    assert_eq!(posted["stats"]["state"], "FAILED");
    let failure = Failure::read(&posted["error"]);
    assert_eq!(
        (failure.name.as_str(), failure.code),
        ("QUERY_TEXT_TOO_LARGE", 35)
    );
    assert!(failure.message.contains("(1000001)"), "{failure:?}");
    assert!(failure.message.contains("(1000000)"), "{failure:?}");
    front.is_unharmed().await;

    let far_more = vec![b'x'; 65_000_000];
    let user = [("X-Trino-User", "ann")];
    let reply = front.ask("POST", STATEMENT, &user, far_more);
    assert_eq!(reply.status, 413, "{reply:?}");
    front.is_unharmed().await;
    assert!(front.coordinator.seen().posts_of("xxxx") == 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_who_was_given_a_token_gets_its_page() {
    for flavor in FLAVORS {
        let front = Front::start(flavor).await;
        let posted = front.post("SELECT 'mine' /*script pages=3 rows=100000*/");
        let uri = posted["nextUri"].as_str().unwrap().to_owned();
        let id = posted["id"].as_str().unwrap();
        let slug = uri
            .split(['/', '=', '?'])
            .max_by_key(|part| part.len())
            .unwrap();
        let mut end = slug.to_owned();
        let last = end.pop().unwrap();
        end.push(if last == '0' { '1' } else { '0' });
        let token = |from: &str, to: &str| match flavor {
            Flavor::Presto => uri.replace(&format!("/{from}?"), &format!("/{to}?")),
            Flavor::Trino => format!("{}/{to}", uri.strip_suffix(&format!("/{from}")).unwrap()),
        };
        let mut told = Vec::new();
        for (what, wrong) in [
            ("another slug", uri.replace(slug, &end)),
            ("a longer slug", uri.replace(slug, &format!("{slug}0"))),
            ("no slug", uri.replace(slug, "")),
            ("another token", token("0", "1")),
            (
                "another id",
                uri.replace(id, "20260101_000000_abcdefghjkmnpqrs"),
            ),
            ("no id", uri.replace(id, "x")),
        ] {
            for method in ["GET", "HEAD", "DELETE"] {
                let reply = front.ask(method, path(&wrong), &[], "");
                assert_eq!(reply.status, 404, "{what}: {method} {wrong}: {reply:?}");
                if method == "GET" {
                    told.push(reply.body);
                }
            }
        }
        // Which of these it was is nobody's business.
        told.dedup();
        assert_eq!(told.len(), 1, "{told:?}");

        let (mut body, mut uris) = (posted, vec![uri]);
        let mut rows = 0;
        while body["nextUri"].is_string() {
            body = front.next(&body).json();
            rows += body["data"].as_array().map_or(0, Vec::len);
            uris.extend(body["nextUri"].as_str().map(str::to_owned));
        }
        assert_eq!(rows, 300_000);
        assert!(uris.len() > 2, "{uris:?}");
        let reply = front.ask("GET", path(&uris[0]), &[], "");
        assert_eq!(reply.status, 410, "{reply:?}");
        assert!(reply.body.contains("later one"), "{reply:?}");
        // The last one may be asked again: its answer may have been lost.
        let again = front.ask("GET", path(uris.last().unwrap()), &[], "").json();
        assert_eq!(again["stats"]["state"], "FINISHED");
        front.is_unharmed().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_404_and_what_cannot_be_done_is_405_with_allow() {
    let front = Front::start(Flavor::Presto).await;
    let posted = front.post("SELECT 'waiting'");
    let page = path(posted["nextUri"].as_str().unwrap());
    let query = format!("/v1/query/{}", posted["id"].as_str().unwrap());
    for (method, target, status, expected) in [
        ("GET", "/", 404, "nothing here"),
        ("GET", "/v1/statements", 404, "nothing here"),
        ("POST", "/v1/statement/", 404, "nothing here"),
        ("GET", "/v1/statement/../../etc/passwd", 404, "nothing here"),
        (
            "GET",
            "/v1/query/20260101_000000_00000_abcde",
            404,
            "no such query",
        ),
        ("GET", &query, 404, "no such query"),
        ("DELETE", "/v1/query/20260101_000000_00000_abcde", 204, ""),
        ("GET", STATEMENT, 405, "POST, HEAD"),
        ("PUT", STATEMENT, 405, "POST, HEAD"),
        ("POST", page, 405, "GET, HEAD, DELETE"),
        ("POST", &query, 405, "GET, DELETE"),
        ("POST", "/v1/info", 405, "GET"),
        ("DELETE", "/ui/query.html", 405, "GET"),
    ] {
        let headers = [("X-Presto-User", "somebody-else")];
        let reply = front.ask(method, target, &headers, "SELECT 'bad'");
        assert_eq!(reply.status, status, "{method} {target}: {reply:?}");
        assert!(
            reply.body.contains(expected),
            "{method} {target}: {reply:?}"
        );
        if status == 405 {
            let allow = reply.header("allow");
            assert_eq!(allow, Some(expected), "{method} {target}: {reply:?}");
        }
    }
    assert_eq!(front.coordinator.seen().posts_of("bad"), 0);
    front.is_unharmed().await;
}
