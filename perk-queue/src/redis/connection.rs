//! The one place that speaks to Redis, and the only one that knows with which client library.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use fred::clients::{Client, SubscriberClient};
use fred::error::{Error, ErrorKind};
use fred::interfaces::{
    ClientLike, EventInterface, KeysInterface, LuaInterface, PubsubInterface, ServerInterface,
};
use fred::types::config::{
    Config, ConnectionConfig, Options, PerformanceConfig, ReconnectPolicy, TcpConfig,
};
use fred::types::{ConnectHandle, Expiration, InfoKind, Value};
use perk_core::{Random, Unavailable};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::RedisConfig;
use super::reply::Reply;
use super::script::Script;
use super::topics::{Topic, Topics};

/// What errors call it.
pub(super) const SERVICE: &str = "Redis";

/// What takes longer to be answered may have been waiting for a Redis that was away.
const PROMPT: Duration = Duration::from_secs(1);
/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Between two tries to connect again, in milliseconds: from the first to the longest, and by what it grows.
const RECONNECT: (u32, u32, u32) = (50, 1000, 2);
/// How long replicas get to have what they must.
const REPLICAS_WITHIN: Duration = Duration::from_secs(1);
/// For how many milliseconds something waits for the script that takes it.
const STAGED: i64 = 10_000;
/// How many bytes of pages may rest in a Redis that has no bound of its own.
const BUDGET: u64 = 256 << 20;
/// How many words may come at once before some are dropped; then everybody looks.
const WORDS: usize = 4096;

/// Redis could not be connected to.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{url}: {reason}")]
pub struct ConnectError {
    /// The address, without its password.
    url: String,
    reason: String,
}

/// Connections to one Redis, and who waits for word from there.
pub(super) struct Connection {
    link: Link,
    /// For what replicas must have: whoever waits for them waits with the whole connection.
    surely: Option<Link>,
    replicas: u16,
    /// For people to read.
    address: String,
    /// What all keys begin with.
    prefix: String,
    /// Where this process listens.
    channel: String,
    topics: Arc<Topics>,
    /// Since when it has answered promptly; `None` while it does not.
    up: Mutex<Option<Instant>>,
    tasks: Vec<JoinHandle<()>>,
    links: Vec<ConnectHandle>,
    /// Answers in the place of a Redis.
    #[cfg(feature = "testsuite")]
    answers: Option<super::hostile::Answers>,
}

/// One connection, or one to each node of a cluster.
struct Link {
    client: Client,
    /// Told when it is lost, or could not be made again.
    lost: Arc<Notify>,
    watch: JoinHandle<()>,
}

impl Link {
    fn over(client: Client) -> Self {
        let (mut errors, lost) = (client.error_rx(), Arc::<Notify>::default());
        let told = lost.clone();
        let watch = tokio::spawn(async move {
            use tokio::sync::broadcast::error::RecvError;
            while !matches!(errors.recv().await, Err(RecvError::Closed)) {
                told.notify_waiters();
            }
        });
        Self {
            client,
            lost,
            watch,
        }
    }

    /// What is under way when the connection is lost, or asked before there is one again, is not waited for: the library would do
    /// that until the time is over.
    async fn unless_lost<T>(
        &self,
        asked: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let lost = self.lost.notified();
        let away = |reason: &'static str| Err(Error::new(ErrorKind::IO, reason));
        if !self.client.is_connected() {
            return away("there is no connection; it is being made again");
        }
        tokio::select! {
            biased;
            answered = asked => answered,
            () = lost => away("the connection was lost; whether it happened is not known"),
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

impl Connection {
    pub(super) async fn open(asked: &RedisConfig, random: &Random) -> Result<Self, ConnectError> {
        let RedisConfig {
            url,
            prefix,
            timeout,
            replicas,
            ..
        } = asked;
        let (timeout, replicas) = (*timeout, *replicas);
        let address = without_password(url);
        let failed = |reason: String| ConnectError {
            url: address.clone(),
            reason,
        };
        // The library takes any other for a Redis without TLS.
        if !RedisConfig::SCHEMES.contains(&url.split("://").next().unwrap_or_default()) {
            return Err(failed(format!(
                "an address begins with one of {}, and ://",
                RedisConfig::SCHEMES.join(", ")
            )));
        }
        let config = Config::from_url(url).map_err(|error| failed(error.to_string()))?;
        if replicas > 0 && config.server.is_clustered() {
            let reason =
                "replicas can be waited for at one Redis or with Sentinel, not in a cluster";
            return Err(failed(reason.to_owned()));
        }
        let performance = PerformanceConfig {
            default_command_timeout: timeout,
            broadcast_channel_capacity: WORDS,
            ..PerformanceConfig::default()
        };
        let connection = ConnectionConfig {
            connection_timeout: CONNECT_TIMEOUT,
            internal_command_timeout: timeout,
            // What was sent and not answered is for its caller to send again, who knows whether it still wants that.
            max_command_attempts: 1,
            tcp: TcpConfig {
                nodelay: Some(true),
                ..TcpConfig::default()
            },
            ..ConnectionConfig::default()
        };
        let (first, longest, factor) = RECONNECT;
        let policy = ReconnectPolicy::new_exponential(0, first, longest, factor);
        let client = Client::new(
            config.clone(),
            Some(performance.clone()),
            Some(connection.clone()),
            Some(policy.clone()),
        );
        let surely = (replicas > 0).then(|| client.clone_new());
        let subscriber =
            SubscriberClient::new(config, Some(performance), Some(connection), Some(policy));
        let name = u64::from_be_bytes(random.bytes());
        let channel = format!("{prefix}:words:{name:016x}");
        let topics = Arc::<Topics>::default();
        let mut opened = Self {
            link: Link::over(client),
            surely: surely.map(Link::over),
            replicas,
            address: address.clone(),
            prefix: prefix.clone(),
            channel,
            topics,
            up: Mutex::default(),
            tasks: Vec::new(),
            links: Vec::new(),
            #[cfg(feature = "testsuite")]
            answers: None,
        };
        let links = async {
            let first = opened.link.client.init().await?;
            opened.links.push(first);
            if let Some(surely) = &opened.surely {
                opened.links.push(surely.client.init().await?);
            }
            let second = subscriber.init().await?;
            opened.links.push(second);
            opened.tasks = opened.listen(&subscriber);
            subscriber.subscribe(opened.channel.clone()).await
        };
        match tokio::time::timeout(CONNECT_TIMEOUT, links).await {
            Ok(Ok(())) => Ok(opened),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(_) => Err(failed(format!("no answer within {CONNECT_TIMEOUT:?}"))),
        }
    }

    /// One to nothing: whatever is asked, these are the answers, in turn.
    #[cfg(feature = "testsuite")]
    pub(super) fn scripted(answers: super::hostile::Answers) -> Self {
        Self {
            link: Link::over(Client::default()),
            surely: None,
            replicas: 0,
            address: String::new(),
            prefix: "perk".to_owned(),
            channel: "perk:words:0".to_owned(),
            topics: Arc::default(),
            up: Mutex::default(),
            tasks: Vec::new(),
            links: Vec::new(),
            answers: Some(answers),
        }
    }

    /// Passes on the words that come for this process. Who has missed some, or cannot know, has everybody look.
    fn listen(&self, subscriber: &SubscriberClient) -> Vec<JoinHandle<()>> {
        let (mut words, mut reconnections) = (subscriber.message_rx(), subscriber.reconnect_rx());
        let topics = self.topics.clone();
        let heard = tokio::spawn(async move {
            use tokio::sync::broadcast::error::RecvError;
            loop {
                tokio::select! {
                    word = words.recv() => match word {
                        Ok(word) => match word.value.as_str() {
                            Some(topic) => topics.tell(&topic),
                            None => topics.tell_all(),
                        },
                        Err(RecvError::Lagged(_)) => topics.tell_all(),
                        Err(RecvError::Closed) => return,
                    },
                    again = reconnections.recv() => match again {
                        Ok(_) | Err(RecvError::Lagged(_)) => topics.tell_all(),
                        Err(RecvError::Closed) => return,
                    },
                }
            }
        });
        vec![heard, subscriber.manage_subscriptions()]
    }

    /// How many bytes of pages may rest there where nobody said: half of what it may hold.
    pub(super) async fn budget(&self) -> Result<u64, ConnectError> {
        let asked = self.link.client.info(Some(InfoKind::Memory)).await;
        let info: String = asked.map_err(|error| ConnectError {
            url: self.address.clone(),
            reason: error.to_string(),
        })?;
        let most = info
            .lines()
            .find_map(|line| line.strip_prefix("maxmemory:"));
        Ok(match most.and_then(|bytes| bytes.trim().parse().ok()) {
            None | Some(0) => BUDGET,
            Some(bytes) => bytes / 2,
        })
    }

    /// What the keys of one slot begin with.
    pub(super) fn base(&self, of: &str) -> String {
        format!("{{{}:{of}}}", self.prefix)
    }

    pub(super) fn channel(&self) -> Bytes {
        Bytes::from(self.channel.clone())
    }

    /// Where words about a topic are heard from now on, for as long as it is kept.
    pub(super) fn topic(&self, name: &str) -> Arc<Topic> {
        self.topics.get(name)
    }

    /// For how long it has answered promptly, as far as it was asked.
    pub(super) fn up_for(&self) -> Duration {
        let up = self.up.lock().unwrap_or_else(PoisonError::into_inner);
        up.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn note_answer(&self, error: Option<&Error>, began: Instant) {
        // What Redis says itself, it is there to say.
        let away = error.is_some_and(|error| {
            matches!(
                error.kind(),
                ErrorKind::IO | ErrorKind::Timeout | ErrorKind::Canceled | ErrorKind::Tls
            )
        });
        let mut up = self.up.lock().unwrap_or_else(PoisonError::into_inner);
        if away {
            *up = None;
        } else if up.is_none() || began.elapsed() > PROMPT {
            *up = Some(Instant::now());
        }
    }

    /// Runs a script on the slot of these keys. It may have run although this is an error.
    pub(super) async fn run(
        &self,
        script: &Script,
        base: &str,
        arguments: Vec<Bytes>,
    ) -> Result<Reply, Unavailable> {
        self.run_over(&self.link, script, base, arguments).await
    }

    /// As [`Connection::run`]; where the answer is `unless`, as many replicas as there must be have what it wrote.
    pub(super) async fn run_surely(
        &self,
        script: &Script,
        base: &str,
        arguments: Vec<Bytes>,
        unless: impl Fn(&Reply) -> bool,
    ) -> Result<Reply, Unavailable> {
        let Some(surely) = &self.surely else {
            return self.run(script, base, arguments).await;
        };
        let reply = self.run_over(surely, script, base, arguments).await?;
        if unless(&reply) {
            return Ok(reply);
        }
        let patience = i64::try_from(REPLICAS_WITHIN.as_millis()).unwrap_or(i64::MAX);
        let have: Result<u16, Error> = surely.client.wait(self.replicas.into(), patience).await;
        let reason = match have {
            Ok(have) if have >= self.replicas => return Ok(reply),
            Ok(have) => format!(
                "{}: {have} of {} replicas have it; nothing that may not run twice is begun before",
                script.name, self.replicas
            ),
            Err(error) => format!("{}: {error}", script.name),
        };
        Err(Unavailable {
            service: SERVICE,
            reason,
        })
    }

    /// Leaves something for a script that is run next, which is there for a moment only. It may be there although this is an error.
    pub(super) async fn stage(&self, name: &str, bytes: Bytes) -> Result<(), Unavailable> {
        #[cfg(feature = "testsuite")]
        if let Some(answers) = &self.answers {
            return answers.next().map(drop);
        }
        let client = self.link.client.with_options(&at_once());
        let moment = Some(Expiration::PX(STAGED));
        let set = client.set::<(), _, _>(name, Value::Bytes(bytes), moment, None, false);
        self.answered("stage", &self.link, set).await
    }

    /// What is kept under these names of one slot, as it is.
    pub(super) async fn fetch(&self, names: Vec<String>) -> Result<Vec<Reply>, Unavailable> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        #[cfg(feature = "testsuite")]
        if let Some(answers) = &self.answers {
            return Ok(answers.next()?.list()?.to_vec());
        }
        let client = self.link.client.with_options(&at_once());
        let got: Value = self
            .answered("fetch", &self.link, client.mget(names))
            .await?;
        match reply("fetch", got)? {
            Reply::List(list) => Ok(list),
            other => Err(other.unexpected()),
        }
    }

    async fn run_over(
        &self,
        link: &Link,
        script: &Script,
        base: &str,
        arguments: Vec<Bytes>,
    ) -> Result<Reply, Unavailable> {
        #[cfg(feature = "testsuite")]
        if let Some(answers) = &self.answers {
            return answers.next();
        }
        let arguments: Vec<Value> = arguments.into_iter().map(Value::Bytes).collect();
        let client = link.client.with_options(&at_once());
        let (text, hash) = script.compiled();
        let ran = async {
            match client.evalsha(hash, base, arguments.clone()).await {
                Err(error) if error.details().starts_with("NOSCRIPT") => {
                    client.eval(text, base, arguments).await
                }
                ran => ran,
            }
        };
        reply(script.name, self.answered(script.name, link, ran).await?)
    }

    /// What Redis answers to something that is asked over this link, for errors to name.
    async fn answered<T>(
        &self,
        what: &str,
        link: &Link,
        asked: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Unavailable> {
        let began = Instant::now();
        // The library's futures are large, and in everything that waits for them.
        let answered = link.unless_lost(Box::pin(asked)).await;
        self.note_answer(answered.as_ref().err(), began);
        answered.map_err(|error| unavailable(what, error))
    }
}

/// Redis away is said at once: what is worth waiting for is for the caller to know.
fn at_once() -> Options {
    Options {
        fail_fast: true,
        ..Options::default()
    }
}

fn unavailable(what: &str, reason: impl fmt::Display) -> Unavailable {
    Unavailable {
        service: SERVICE,
        reason: format!("{what}: {reason}"),
    }
}

fn reply(what: &str, value: Value) -> Result<Reply, Unavailable> {
    read(value).map_err(|reason| unavailable(what, reason))
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        self.links.iter().for_each(JoinHandle::abort);
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// Whether Redis has refused to store more than its `maxmemory`.
pub(super) fn is_full(error: &Unavailable) -> bool {
    error.reason.contains("OOM ")
}

fn read(value: Value) -> Result<Reply, String> {
    Ok(match value {
        Value::Null => Reply::Nil,
        Value::Integer(number) => Reply::Number(number),
        Value::String(text) => Reply::Bytes(text.into_inner()),
        Value::Bytes(bytes) => Reply::Bytes(bytes),
        Value::Array(list) => Reply::List(list.into_iter().map(read).collect::<Result<_, _>>()?),
        other => return Err(format!("answered with a {:?}", other.kind())),
    })
}

/// The address for people to read.
fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    // What is asked for after the host may hold Sentinel's password.
    let address = rest.split_once('?').map_or(rest, |(address, _)| address);
    let host = match address.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => address.to_owned(),
    };
    match scheme {
        "" => host,
        scheme => format!("{scheme}://{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (url, shown) in [
            ("redis://localhost:6379/0", "redis://localhost:6379/0"),
            ("rediss://perk:s3c@ret@redis:6379", "rediss://…@redis:6379"),
            ("nonsense", "nonsense"),
            ("perk:s3cret@redis:6379", "…@redis:6379"),
            (
                "redis-sentinel://s:1?sentinelServiceName=m&sentinelPassword=s3cret",
                "redis-sentinel://s:1",
            ),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
