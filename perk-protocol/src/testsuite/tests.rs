//! The scripted coordinator, spoken to by a plain HTTP client.

mod faults;
mod life;
mod protocol;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::{Flavor, ScriptedCoordinator};

const BOTH: [Flavor; 2] = [Flavor::Presto, Flavor::Trino];

/// A client that does nothing of itself: no retries, no headers but those asked for.
#[derive(Debug)]
struct Raw {
    client: Client<HttpConnector, Full<Bytes>>,
    flavor: Flavor,
    url: String,
}

#[derive(Debug)]
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Reply {
    fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    fn next(&self) -> String {
        self.json()["nextUri"]
            .as_str()
            .expect("a nextUri")
            .to_owned()
    }
}

impl Raw {
    fn of(coordinator: &ScriptedCoordinator) -> Self {
        let mut builder = Client::builder(TokioExecutor::new());
        builder.retry_canceled_requests(false);
        Self {
            client: builder.build_http(),
            flavor: coordinator.flavor(),
            url: coordinator.url().to_owned(),
        }
    }

    async fn send(
        &self,
        method: Method,
        uri: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Reply, Failure> {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = Full::from(body.to_owned());
        let (parts, body) = self.client.request(request.body(body)?).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Reply {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }

    async fn try_post(&self, sql: &str) -> Result<Reply, Failure> {
        let user = [(self.flavor.user_header(), "ann")];
        self.send(
            Method::POST,
            &format!("{}/v1/statement", self.url),
            &user,
            sql,
        )
        .await
    }

    async fn post(&self, sql: &str) -> Reply {
        self.try_post(sql).await.unwrap()
    }

    async fn try_get(&self, uri: &str) -> Result<Reply, Failure> {
        self.send(Method::GET, uri, &[], "").await
    }

    async fn get(&self, uri: &str) -> Reply {
        self.try_get(uri).await.unwrap()
    }

    async fn delete(&self, uri: &str) -> StatusCode {
        self.send(Method::DELETE, uri, &[], "")
            .await
            .unwrap()
            .status
    }

    /// A path, asked for with a user.
    async fn ask(&self, method: Method, path: &str) -> Reply {
        let user = [(self.flavor.user_header(), "ann")];
        self.send(method, &format!("{}{path}", self.url), &user, "")
            .await
            .unwrap()
    }

    /// Every answer of a statement, the POST's first.
    async fn read(&self, sql: &str) -> Vec<Reply> {
        let mut replies = vec![self.post(sql).await];
        while let Some(next) = replies[replies.len() - 1].json()["nextUri"].as_str() {
            replies.push(self.get(next).await);
        }
        replies
    }
}

async fn start(flavor: Flavor) -> (ScriptedCoordinator, Raw) {
    let coordinator = ScriptedCoordinator::start(flavor).await;
    let client = Raw::of(&coordinator);
    (coordinator, client)
}

/// Every row of these answers, in order.
fn rows(replies: &[Reply]) -> Vec<Value> {
    let pages = replies.iter().map(Reply::json);
    pages
        .flat_map(|page| page["data"].as_array().cloned().unwrap_or_default())
        .collect()
}

/// The first words of the violations.
fn kinds(coordinator: &ScriptedCoordinator) -> Vec<String> {
    let seen = coordinator.seen();
    seen.violations
        .iter()
        .map(|text| text.split(':').next().unwrap().to_owned())
        .collect()
}
