//! The URIs that Perk gives out, and what it reads out of them.

use http::Uri;
use perk_core::{Dialect, PageIndex, QueryId, Slug};

/// A page's URI, taken apart. Nothing of it is believed before the slug has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageUri {
    pub(crate) dialect: Dialect,
    pub(crate) id: QueryId,
    pub(crate) token: PageIndex,
    pub(crate) slug: String,
}

/// What a request asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/v1/statement`
    Statement,
    /// A nextUri.
    Page(PageUri),
    /// A partialCancelUri.
    LeafStage { id: QueryId, slug: String },
    /// `/v1/query/{id}`
    Query(QueryId),
    /// `/v1/info`
    Info,
    /// An infoUri.
    QueryPage(Option<QueryId>),
}

impl Route {
    /// Finds the route of a URI. Presto's pages are `/v1/statement/{phase}/{id}/{token}?slug={slug}` (class
    /// `QueuedStatementResource` of prestodb), Trino's `/v1/statement/{phase}/{id}/{slug}/{token}` (the same class of Trino).
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        let mut path = uri.path().strip_prefix('/')?.split('/');
        let parts: Vec<&str> = path.by_ref().take(7).collect();
        match parts[..] {
            ["v1", "statement"] => Some(Self::Statement),
            ["v1", "statement", "queued" | "executing", id, token] => {
                let slug = query_value(uri, "slug")?.to_owned();
                page(Dialect::Presto, id, token, slug)
            }
            ["v1", "statement", "queued" | "executing", id, slug, token] => {
                page(Dialect::Trino, id, token, slug.to_owned())
            }
            ["v1", "statement", "partialCancel", id, slug] => Some(Self::LeafStage {
                id: id.parse().ok()?,
                slug: slug.to_owned(),
            }),
            ["v1", "query", id] => Some(Self::Query(id.parse().ok()?)),
            ["v1", "info"] => Some(Self::Info),
            ["ui", "query.html"] => {
                Some(Self::QueryPage(uri.query().and_then(|id| id.parse().ok())))
            }
            _ => None,
        }
    }
}

fn page(dialect: Dialect, id: &str, token: &str, slug: String) -> Option<Route> {
    // "+1" is a number to Rust, but no token.
    let token = token
        .bytes()
        .all(|c| c.is_ascii_digit())
        .then(|| token.parse().ok())??;
    Some(Route::Page(PageUri {
        dialect,
        id: id.parse().ok()?,
        token,
        slug,
    }))
}

fn query_value<'a>(uri: &'a Uri, key: &str) -> Option<&'a str> {
    uri.query()?
        .split('&')
        .find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
}

/// A page's path, as the client's dialect has it.
pub(crate) fn page_path(
    dialect: Dialect,
    phase: &str,
    id: &QueryId,
    token: PageIndex,
    slug: &Slug,
) -> String {
    match dialect {
        Dialect::Presto => format!("/v1/statement/{phase}/{id}/{token}?slug={slug}"),
        Dialect::Trino => format!("/v1/statement/{phase}/{id}/{slug}/{token}"),
    }
}

/// The path that cancels a query's leaf stage.
pub(super) fn leaf_stage_path(id: &QueryId, slug: &Slug) -> String {
    format!("/v1/statement/partialCancel/{id}/{slug}")
}

/// The path of a query's page for people.
pub(super) fn query_page_path(id: &QueryId) -> String {
    format!("/ui/query.html?{id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use perk_core::DeploymentKeys;

    #[test]
    fn what_is_given_out_is_understood() {
        let id: QueryId = "20261123_040145_abc".parse().unwrap();
        let slug = DeploymentKeys::new([1; 32]).slug(&id, 7);
        for dialect in [Dialect::Presto, Dialect::Trino] {
            let uri = page_path(dialect, "queued", &id, 7, &slug).parse().unwrap();
            let expected = PageUri {
                dialect,
                id: id.clone(),
                token: 7,
                slug: slug.to_string(),
            };
            assert_eq!(Route::of(&uri), Some(Route::Page(expected)));
        }
        let uri = leaf_stage_path(&id, &slug).parse().unwrap();
        assert!(matches!(Route::of(&uri), Some(Route::LeafStage { .. })));
        assert_eq!(
            Route::of(&query_page_path(&id).parse().unwrap()),
            Some(Route::QueryPage(Some(id)))
        );
    }

    #[test]
    fn anything_else_is_nothing() {
        for uri in [
            "/",
            "/v1",
            "/v1/statement/",
            "/v1/statement/queued/x",
            "/v1/statement/queued/x/0",
            "/v1/statement/queued/x/-1?slug=a",
            "/v1/statement/queued/x/+1?slug=a",
            "/v1/statement/queued/x/99999999999999999999?slug=a",
            "/v1/statement/running/x/a/0",
            "/v1/statement/queued/X/a/0",
            "/v1/statement/queued/%2e%2e/a/0",
            "/v1/statement/queued/x/a/0/1/2/3/4/5",
            "/v1/query/",
            "/v1/query/a/b",
            "/v2/info",
        ] {
            assert_eq!(Route::of(&uri.parse().unwrap()), None, "{uri}");
        }
    }
}
