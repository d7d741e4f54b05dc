//! Clusters that exist already, given by their address.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method};
use perk_core::{Cluster, ClusterProvisioner, Dialect, Health, Load, ProvisionError, WorkerId};
use serde::Deserialize;

use crate::client::{ClientLimits, HttpClient, Origin, StatementClient};
use crate::wire::header_name;

/// How a cluster is probed.
#[derive(Debug, Clone)]
pub struct ProbeConfig {
    /// The statement that a ready cluster answers. `/v1/info` alone says ready long before.
    pub query: String,
    /// How long it may take.
    pub time_limit: Duration,
    /// How long to wait between two probes of a cluster that is not ready.
    pub interval: Duration,
    /// Who asks.
    pub user: String,
    /// How long a coordinator that has just started is left alone once it answers: `SELECT 1` needs no node on Trino, and
    /// on both engines nodes announce their catalogs some seconds later (4 to 5 were measured on Trino), which no statement without a
    /// catalog shows. Zero where the probe query reads data.
    pub settle: Duration,
}

impl Default for ProbeConfig {
    fn default() -> Self {
        Self {
            query: "SELECT 1".to_owned(),
            time_limit: Duration::from_secs(10),
            interval: Duration::from_secs(1),
            user: "perk".to_owned(),
            settle: Duration::from_secs(10),
        }
    }
}

/// A cluster by its address: probed until it answers, watched while it is used, never removed.
#[derive(Debug)]
pub struct StaticProvisioner {
    http: HttpClient,
    origin: Origin,
    probe: ProbeConfig,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    node_version: NodeVersion,
    #[serde(default)]
    starting: bool,
    #[serde(default)]
    uptime: String,
}

#[derive(Deserialize)]
struct NodeVersion {
    version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClusterStats {
    running_queries: usize,
    queued_queries: usize,
}

#[derive(Deserialize)]
struct BasicQuery {
    state: String,
}

impl StaticProvisioner {
    /// The cluster whose coordinator is at `origin`.
    pub fn new(origin: Origin, probe: ProbeConfig) -> Self {
        let silence = probe.time_limit;
        let http = HttpClient::new(ClientLimits {
            silence,
            ..ClientLimits::default()
        });
        Self {
            http,
            origin,
            probe,
        }
    }

    async fn info(&self) -> Result<Info, String> {
        let body = self.get("/v1/info", HeaderMap::new()).await?;
        let info: Info = serde_json::from_slice(&body).map_err(|error| {
            format!(
                "{} is no coordinator: its /v1/info makes no sense ({error})",
                self.origin
            )
        })?;
        if info.starting {
            Err(format!("{} is starting", self.origin))
        } else {
            Ok(info)
        }
    }

    /// One try: what is there, and does it run a query?
    async fn look(&self) -> Result<(Cluster, Readiness), String> {
        let info = self.info().await?;
        let fresh = uptime(&info.uptime).is_some_and(|uptime| uptime < FRESH);
        let version = info.node_version.version;
        let guess = dialect_of(&version);
        let other = if guess == Dialect::Presto {
            Dialect::Trino
        } else {
            Dialect::Presto
        };
        let dialect = match self.probe(guess).await {
            Ok(()) => guess,
            // A server that refuses the one's headers may be the other's under an unusual version.
            Err(Refusal::Protocol(seen)) => {
                self.probe(other).await.map(|()| other).map_err(|_| seen)?
            }
            Err(Refusal::Other(seen)) => return Err(seen),
        };
        let origin = self.origin.to_string();
        let readiness = if fresh {
            Readiness::Fresh
        } else {
            Readiness::Sure
        };
        let cluster = Cluster {
            origin,
            dialect,
            version,
        };
        Ok((cluster, readiness))
    }

    async fn probe(&self, dialect: Dialect) -> Result<(), Refusal> {
        let headers = [("User", self.probe.user.as_str()), ("Source", "perk-probe")];
        let post = StatementClient::post(
            self.http.clone(),
            self.origin.clone(),
            dialect,
            &headers,
            &self.probe.query,
        );
        let mut statement = post
            .await
            .map_err(|error| Refusal::Other(error.to_string()))?;
        let pages = async {
            while let Some(page) = statement.next().await.map_err(|error| match error {
                crate::client::StatementError::Refused { .. } => {
                    Refusal::Protocol(error.to_string())
                }
                error => Refusal::Other(error.to_string()),
            })? {
                if let Some(error) = page.error {
                    let seen = format!(
                        "the probe query failed on {}: {}: {}",
                        self.origin, error.name, error.message
                    );
                    return Err(Refusal::Other(seen));
                }
            }
            Ok(())
        };
        if let Ok(probed) = tokio::time::timeout(self.probe.time_limit, pages).await {
            probed
        } else {
            let _ = tokio::time::timeout(self.probe.time_limit, statement.cancel()).await;
            let limit = self.probe.time_limit.as_secs();
            Err(Refusal::Other(format!(
                "the probe query did not end within {limit} s on {}",
                self.origin
            )))
        }
    }

    async fn get(&self, path: &str, headers: HeaderMap) -> Result<Bytes, String> {
        let uri = format!("{}{path}", self.origin);
        let answer = self.http.exchange(Method::GET, &uri, headers, Bytes::new());
        let answer = tokio::time::timeout(self.probe.time_limit, answer)
            .await
            .map_err(|_| format!("{} does not answer {path}", self.origin))?
            .map_err(|error| error.to_string())?;
        if answer.status.is_success() {
            Ok(answer.body)
        } else {
            Err(format!(
                "{uri} answers {}: {}",
                answer.status,
                answer.excerpt()
            ))
        }
    }
}

/// Up to which age a coordinator may still be without its nodes.
const FRESH: Duration = Duration::from_secs(30);

/// What an answered probe says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readiness {
    Sure,
    /// The coordinator has just started, and its answer needed no node.
    Fresh,
}

/// Reads airlift's `Duration`, as `/v1/info` has it: `9.70m`, `512.00ms`.
fn uptime(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(unit);
    let seconds = match unit {
        "ns" => 1e-9,
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

enum Refusal {
    Protocol(String),
    Other(String),
}

/// `PrestoDB`'s versions are `0.287`, Trino's `476`; the last common one was `0.215`-like, before there was Trino.
fn dialect_of(version: &str) -> Dialect {
    if version.starts_with("0.") {
        Dialect::Presto
    } else {
        Dialect::Trino
    }
}

#[async_trait]
impl ClusterProvisioner for StaticProvisioner {
    async fn provision(&self, _owner: &WorkerId) -> Result<Cluster, ProvisionError> {
        let mut said = String::new();
        let mut settled = self.probe.settle.is_zero();
        loop {
            match self.look().await {
                Ok((cluster, Readiness::Sure)) => return Ok(cluster),
                Ok((cluster, Readiness::Fresh)) if settled => return Ok(cluster),
                Ok((cluster, Readiness::Fresh)) => {
                    tracing::info!(
                        cluster = cluster.origin,
                        "the cluster has just started; a moment for its nodes"
                    );
                    tokio::time::sleep(self.probe.settle).await;
                    settled = true;
                    continue;
                }
                Err(seen) if seen != said => {
                    tracing::warn!(cluster = %self.origin, seen, "waiting for the cluster; queries wait meanwhile");
                    said = seen;
                }
                Err(_) => {}
            }
            tokio::time::sleep(self.probe.interval).await;
        }
    }

    async fn health(&self, _cluster: &Cluster) -> Health {
        match self.info().await {
            Ok(_) => Health::Healthy,
            Err(seen) => Health::Unhealthy(seen),
        }
    }

    /// Presto sums it up at `/v1/cluster`; Trino 476 has only the list of its queries.
    async fn load(&self, cluster: &Cluster) -> Result<Load, ProvisionError> {
        let mut headers = HeaderMap::new();
        if let (Some(name), Ok(user)) = (
            header_name(cluster.dialect, "user"),
            self.probe.user.parse(),
        ) {
            headers.insert(name, user);
        }
        let malformed = |error: serde_json::Error| ProvisionError(error.to_string());
        match cluster.dialect {
            Dialect::Presto => {
                let body = self
                    .get("/v1/cluster", headers)
                    .await
                    .map_err(ProvisionError)?;
                let stats: ClusterStats = serde_json::from_slice(&body).map_err(malformed)?;
                Ok(Load {
                    running: stats.running_queries,
                    queued: stats.queued_queries,
                })
            }
            Dialect::Trino => {
                let body = self
                    .get("/v1/query", headers)
                    .await
                    .map_err(ProvisionError)?;
                let queries: Vec<BasicQuery> = serde_json::from_slice(&body).map_err(malformed)?;
                let count = |states: &[&str]| {
                    queries
                        .iter()
                        .filter(|q| states.contains(&q.state.as_str()))
                        .count()
                };
                let running = count(&["PLANNING", "STARTING", "RUNNING", "FINISHING"]);
                Ok(Load {
                    running,
                    queued: count(&["QUEUED", "WAITING_FOR_RESOURCES"]),
                })
            }
        }
    }

    async fn remove(&self, _owner: &WorkerId) -> Result<(), ProvisionError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uptimes() {
        for (text, millis) in [
            ("9.70m", 582_000),
            ("512.00ms", 512),
            ("1.5s", 1500),
            ("2.00h", 7_200_000),
        ] {
            assert_eq!(uptime(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "12", "m", "1.2.3s", "5y"] {
            assert_eq!(uptime(text), None, "{text}");
        }
    }
}
