//! A whole deployment of real processes: Redis, a coordinator, gateways behind a balancer, workers; a proxy before Redis for
//! each of Perk's.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::balancer::Balancer;
use crate::client::{Client, End, Habits, Nobody};
use crate::coordinator::Coordinator;
use crate::journal::Journal;
use crate::process::{Process, listening};
use crate::proxy::{Guard, Proxy};
use crate::statement::{Kind, Statement};
use crate::support::redis::{Answer, RedisServer, VOLATILE};
use crate::{is_long, lock};

/// After how long a silent worker is lost: soon in the short form, the default in the long one.
pub(crate) fn lease() -> Duration {
    Duration::from_secs(if is_long() { 15 } else { 2 })
}

/// After how long a silent client is gone.
pub(crate) const CLIENT_TIMEOUT: Duration = Duration::from_secs(5);
/// What a takeover may take beyond the lease.
pub(crate) const TAKEOVER_SLACK: Duration = Duration::from_secs(2);
/// How long what is over may be kept. All of it goes when its client counts as gone; housekeeping finds what nobody was told of.
const LEFT_LIMIT: Duration = Duration::from_secs(30);
/// Between two looks at Redis, which nobody can be told of.
const LOOK: Duration = Duration::from_millis(100);
/// How many left keys a failure shows.
const SHOWN: usize = 5;

/// What is deployed.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Arguments of `redis-server`.
    pub(crate) redis: &'static [&'static str],
    pub(crate) gateways: usize,
    pub(crate) workers: usize,
    /// How many queries each worker runs at once.
    pub(crate) concurrency: usize,
    pub(crate) client_timeout: Duration,
    /// More arguments for gateways.
    pub(crate) gateway: Vec<String>,
    /// More arguments for gateways and workers.
    pub(crate) results: &'static [&'static str],
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            redis: &VOLATILE,
            gateways: 1,
            workers: 2,
            concurrency: 16,
            client_timeout: CLIENT_TIMEOUT,
            gateway: Vec::new(),
            results: &[],
        }
    }
}

/// The deployment. Dropped, all of it ends.
pub(crate) struct Deployment {
    plan: Plan,
    // Before Redis, so that they end before it.
    gateways: Mutex<Vec<Arc<Gateway>>>,
    workers: Mutex<Vec<Arc<Worker>>>,
    /// Those that were killed, for what they printed.
    killed: Mutex<Vec<Arc<Process>>>,
    pub(crate) balancer: Balancer,
    pub(crate) coordinator: Coordinator,
    pub(crate) redis: RedisServer,
    names: AtomicUsize,
}

/// A gateway's process and its proxy.
pub(crate) struct Gateway {
    pub(crate) process: Arc<Process>,
    pub(crate) address: SocketAddr,
    proxy: Proxy,
}

/// A worker's process and its proxy.
pub(crate) struct Worker {
    pub(crate) process: Arc<Process>,
    proxy: Proxy,
}

impl Deployment {
    /// Starts all of it, and returns when it serves.
    pub(crate) async fn start(plan: Plan) -> Result<Self, String> {
        let deployment = Self {
            redis: RedisServer::started(plan.redis),
            coordinator: Coordinator::start().await?,
            balancer: Balancer::start().await.map_err(|error| error.to_string())?,
            gateways: Mutex::default(),
            workers: Mutex::default(),
            killed: Mutex::default(),
            names: AtomicUsize::new(0),
            plan,
        };
        for _ in 0..deployment.plan.gateways {
            deployment.add_gateway().await?;
        }
        for _ in 0..deployment.plan.workers {
            deployment.add_worker(None).await?;
        }
        // From now on Redis has seen every script of a query's life, and knows each by its name.
        for kind in [Kind::OneRow, Kind::Held, Kind::Insert] {
            let statement = Statement::new(kind, 0);
            let client = deployment.client("first");
            let end = client.run(statement, &Nobody).await.end;
            if !matches!(end, End::Rows(_)) {
                return Err(deployment.explain(format!("the first query ends with {end:?}")));
            }
        }
        Ok(deployment)
    }

    /// Starts another gateway, which the balancer knows when this returns.
    pub(crate) async fn add_gateway(&self) -> Result<Arc<Gateway>, String> {
        self.add_gateway_guarded(None).await
    }

    /// The same, whose traffic with Redis is watched.
    pub(crate) async fn add_gateway_guarded(
        &self,
        guard: Option<Guard>,
    ) -> Result<Arc<Gateway>, String> {
        let proxy = Proxy::start(self.redis.port(), guard).await;
        let proxy = proxy.map_err(|error| error.to_string())?;
        let mut arguments = self.arguments(&proxy);
        arguments.extend(["--listen", "127.0.0.1:0"].map(str::to_owned));
        arguments.extend(self.plan.gateway.iter().cloned());
        let program = Path::new(env!("CARGO_BIN_EXE_perk-gateway"));
        let process = Process::start(self.name("gateway"), program, &arguments)?;
        let gateway = Arc::new(Gateway {
            address: process.says(listening).await?,
            process: Arc::new(process),
            proxy,
        });
        lock(&self.gateways).push(gateway.clone());
        self.balance();
        Ok(gateway)
    }

    /// Starts another worker, which takes queries when this returns.
    pub(crate) async fn add_worker(&self, guard: Option<Guard>) -> Result<Arc<Worker>, String> {
        self.add_worker_of(self.plan.concurrency, guard).await
    }

    /// The same with a concurrency of its own.
    pub(crate) async fn add_worker_of(
        &self,
        concurrency: usize,
        guard: Option<Guard>,
    ) -> Result<Arc<Worker>, String> {
        let proxy = Proxy::start(self.redis.port(), guard).await;
        let proxy = proxy.map_err(|error| error.to_string())?;
        let mut arguments = self.arguments(&proxy);
        let concurrency = concurrency.to_string();
        let cluster = self.coordinator.url();
        let more = [
            "--cluster",
            &cluster,
            "--concurrency",
            &concurrency,
            "--pool",
            "default",
            "--grace",
            "5",
            // Whoever names a statement trusts it at once.
            "--probe-query",
            "SELECT 1",
        ];
        arguments.extend(more.map(str::to_owned));
        // Of two one compresses its pages, which makes them small; the other's large ones pass by the scripts.
        let compression = ["none", "lz4"][lock(&self.workers).len() % 2];
        arguments.extend(["--compress-pages", compression].map(str::to_owned));
        let program = Path::new(env!("CARGO_BIN_EXE_perk-worker"));
        let process = Process::start(self.name("worker"), program, &arguments)?;
        let worker = Arc::new(Worker {
            process: Arc::new(process),
            proxy,
        });
        lock(&self.workers).push(worker.clone());
        worker.process.says_text("cluster ready").await?;
        Ok(worker)
    }

    /// Kills a gateway with `kill -9`.
    pub(crate) fn kill_gateway(&self, gateway: &Arc<Gateway>) {
        gateway.process.kill();
        lock(&self.gateways).retain(|other| !Arc::ptr_eq(other, gateway));
        lock(&self.killed).push(gateway.process.clone());
    }

    /// Kills a worker with `kill -9`.
    pub(crate) fn kill_worker(&self, worker: &Arc<Worker>) {
        worker.process.kill();
        lock(&self.workers).retain(|other| !Arc::ptr_eq(other, worker));
        lock(&self.killed).push(worker.process.clone());
    }

    /// The gateways that run.
    pub(crate) fn gateways(&self) -> Vec<Arc<Gateway>> {
        lock(&self.gateways).clone()
    }

    /// The workers that run.
    pub(crate) fn workers(&self) -> Vec<Arc<Worker>> {
        lock(&self.workers).clone()
    }

    /// Nobody can reach Redis.
    pub(crate) async fn cut_off_redis(&self) {
        for worker in self.workers() {
            worker.proxy.refuse().await;
        }
        for gateway in self.gateways() {
            gateway.proxy.refuse().await;
        }
    }

    /// Everybody can again.
    pub(crate) async fn let_redis_be_reached(&self) -> Result<(), String> {
        for worker in self.workers() {
            worker
                .proxy
                .accept()
                .await
                .map_err(|error| error.to_string())?;
        }
        for gateway in self.gateways() {
            gateway
                .proxy
                .accept()
                .await
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// A client that repeats its POSTs and reads rows from tokens.
    pub(crate) fn client(&self, user: &str) -> Client {
        let habits = Habits {
            repeats_posts: true,
            reads_posts: false,
        };
        Client::new(self.balancer.url(), user, habits)
    }

    /// What the coordinator has told.
    pub(crate) fn journal(&self) -> &Journal {
        self.coordinator.journal()
    }

    /// How often the coordinator has begun a statement.
    pub(crate) fn begun(&self, statement: &Statement) -> usize {
        self.journal().story(&statement.sql).begun.len()
    }

    /// When all has ended: waits until Redis holds nothing of any query and the cluster runs nothing, and looks at what the
    /// coordinator has to complain about. Says how long that took.
    pub(crate) async fn settle(&self) -> Result<Duration, String> {
        self.settle_but_for(&[]).await
    }

    /// The same, where some kinds of complaints are to be expected.
    pub(crate) async fn settle_but_for(&self, expected: &[&str]) -> Result<Duration, String> {
        let began = Instant::now();
        loop {
            let left = self.left();
            if left.is_empty() {
                break;
            }
            if began.elapsed() > LEFT_LIMIT {
                let complaints = self
                    .journal()
                    .complaints(expected)
                    .err()
                    .unwrap_or_default();
                let left = left.iter().map(|left| self.details(left));
                let left: Vec<_> = left.collect();
                return Err(format!(
                    "after {LEFT_LIMIT:?} there is left: {}\n{complaints}",
                    left.join(", ")
                ));
            }
            tokio::time::sleep(LOOK).await;
        }
        self.journal().complaints(expected)?;
        Ok(began.elapsed())
    }

    /// What is left of queries: keys in Redis, entries in the queue, what runs on the cluster.
    pub(crate) fn left(&self) -> Vec<String> {
        let mut left: Vec<String> = match self.redis.try_ask(&["KEYS", "{perk:q:*"]) {
            Ok(Answer::List(keys)) => keys.iter().map(Answer::text).collect(),
            other => return vec![format!("Redis answers {other:?}")],
        };
        for (key, command) in [
            ("{perk:queue}:entries", "HLEN"),
            ("{perk:queue}:pending", "HLEN"),
        ] {
            match self.redis.try_ask(&[command, key]) {
                Ok(Answer::Number(0)) => {}
                other => left.push(format!("{key}: {other:?}")),
            }
        }
        let running = self.journal().running();
        left.extend(
            running
                .iter()
                .map(|id| format!("running on the cluster: {id}")),
        );
        let more = left.len().saturating_sub(SHOWN);
        left.truncate(SHOWN);
        if more > 0 {
            left.push(format!("and {more} more"));
        }
        left
    }

    /// What is left, and where it is a record, what that says.
    fn details(&self, left: &str) -> String {
        match left.strip_suffix(":record") {
            Some(_) => format!("{left} ({})", self.answer(&["HGETALL", left])),
            None => left.to_owned(),
        }
    }

    /// What Redis answers, for people to read.
    fn answer(&self, command: &[&str]) -> String {
        match self.redis.try_ask(command) {
            Ok(Answer::List(words)) => {
                let words: Vec<_> = words.iter().map(Answer::text).collect();
                words.join(" ")
            }
            Ok(word @ Answer::Bytes(_)) => word.text(),
            other => format!("{other:?}"),
        }
    }

    /// What is known of a query: by the coordinator, by its record, by the queue.
    pub(crate) fn describe(&self, sql: &str, id: &str) -> String {
        let story = self.journal().story(sql);
        let mut text = format!("{id} {sql} ({story})");
        let record = format!("{{perk:q:{id}}}:record");
        for command in [
            &["HGETALL", &record][..],
            &["HGET", "{perk:queue}:entries", id],
            &["HGETALL", "{perk:queue}:lanes"],
            &["LRANGE", "{perk:queue}:turns:default:1", "0", "-1"],
            &["SMEMBERS", "{perk:queue}:idle:default"],
            &["HGETALL", "{perk:queue}:pending"],
        ] {
            text.push_str("; ");
            text.push_str(&self.answer(command));
        }
        text
    }

    /// An error with what the processes said last.
    pub(crate) fn explain(&self, error: String) -> String {
        let mut text = error;
        let gateways = lock(&self.gateways);
        let workers = lock(&self.workers);
        let killed = lock(&self.killed);
        let processes = gateways.iter().map(|gateway| &gateway.process);
        let processes = processes.chain(workers.iter().map(|worker| &worker.process));
        for process in processes.chain(killed.iter().rev().take(2)) {
            text.push('\n');
            text.push_str(&process.last_lines());
        }
        text
    }

    fn balance(&self) {
        let addresses = self
            .gateways()
            .iter()
            .map(|gateway| gateway.address)
            .collect();
        self.balancer.set(addresses);
    }

    fn name(&self, what: &str) -> String {
        format!("{what} {}", self.names.fetch_add(1, Ordering::Relaxed))
    }

    fn arguments(&self, proxy: &Proxy) -> Vec<String> {
        let (lease, timeout) = (lease().as_secs(), self.plan.client_timeout.as_secs());
        let mut arguments = vec![
            "--redis".to_owned(),
            proxy.url(),
            "--lease".to_owned(),
            lease.to_string(),
            "--client-timeout".to_owned(),
            timeout.to_string(),
        ];
        arguments.extend(self.plan.results.iter().map(ToString::to_string));
        arguments
    }
}
