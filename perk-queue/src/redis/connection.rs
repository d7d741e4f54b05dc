//! The one place that speaks to Redis, and the only one that knows with which client library.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use fred::clients::{Client, SubscriberClient};
use fred::error::{Error, ErrorKind};
use fred::interfaces::{
    ClientLike, EventInterface, LuaInterface, PubsubInterface, ServerInterface,
};
use fred::types::config::{
    Config, ConnectionConfig, Options, PerformanceConfig, ReconnectPolicy, TcpConfig,
};
use fred::types::{ConnectHandle, InfoKind, Value};
use perk_core::{Random, Unavailable};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::RedisConfig;
use super::reply::Reply;
use super::script::Script;

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
    client: Client,
    /// For what replicas must have: whoever waits for them waits with the whole connection.
    surely: Option<Client>,
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
            client,
            surely,
            replicas,
            address: address.clone(),
            prefix: prefix.clone(),
            channel,
            topics,
            up: Mutex::default(),
            tasks: Vec::new(),
            links: Vec::new(),
        };
        let links = async {
            let first = opened.client.init().await?;
            opened.links.push(first);
            if let Some(surely) = &opened.surely {
                opened.links.push(surely.init().await?);
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
        let asked = self.client.info(Some(InfoKind::Memory)).await;
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
        self.run_over(&self.client, script, base, arguments).await
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
        let have: Result<u16, Error> = surely.wait(self.replicas.into(), patience).await;
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

    async fn run_over(
        &self,
        client: &Client,
        script: &Script,
        base: &str,
        arguments: Vec<Bytes>,
    ) -> Result<Reply, Unavailable> {
        // Redis away is said at once: what is worth waiting for is for the caller to know.
        let now = Options {
            fail_fast: true,
            ..Options::default()
        };
        let arguments: Vec<Value> = arguments.into_iter().map(Value::Bytes).collect();
        let client = client.with_options(&now);
        let (text, hash) = script.compiled();
        let began = Instant::now();
        let ran = client.evalsha(hash, base, arguments.clone()).await;
        let ran = match ran {
            Err(error) if error.details().starts_with("NOSCRIPT") => {
                client.eval(text, base, arguments).await
            }
            ran => ran,
        };
        self.note_answer(ran.as_ref().err(), began);
        let value: Value = ran.map_err(|error| Unavailable {
            service: SERVICE,
            reason: format!("{}: {error}", script.name),
        })?;
        read(value).map_err(|reason| Unavailable {
            service: SERVICE,
            reason: format!("{}: {reason}", script.name),
        })
    }
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
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://…@{host}"),
        None => url.to_owned(),
    }
}

/// What somebody waits for word of.
#[derive(Debug, Default)]
pub(super) struct Topic {
    /// How many words came.
    words: AtomicU64,
    told: Notify,
}

impl Topic {
    /// How many words have come so far: with the same number later, nothing has been said in between.
    pub(super) fn words(&self) -> u64 {
        self.words.load(Ordering::Acquire)
    }

    /// The next word.
    pub(super) fn told(&self) -> Notified<'_> {
        self.told.notified()
    }

    fn tell(&self) {
        self.words.fetch_add(1, Ordering::AcqRel);
        self.told.notify_waiters();
    }
}

/// Everything that somebody in this process waits for.
#[derive(Debug, Default)]
struct Topics {
    by_name: Mutex<HashMap<String, Weak<Topic>>>,
}

/// After how many forgotten topics their names are dropped.
const TIDY_AFTER: usize = 1024;

impl Topics {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Weak<Topic>>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, name: &str) -> Arc<Topic> {
        let mut by_name = self.lock();
        if let Some(topic) = by_name.get(name).and_then(Weak::upgrade) {
            return topic;
        }
        if by_name.len() >= TIDY_AFTER && by_name.len() == by_name.capacity() {
            by_name.retain(|_, topic| topic.strong_count() > 0);
        }
        let topic = Arc::<Topic>::default();
        by_name.insert(name.to_owned(), Arc::downgrade(&topic));
        topic
    }

    fn tell(&self, name: &str) {
        let topic = self.lock().get(name).and_then(Weak::upgrade);
        if let Some(topic) = topic {
            topic.tell();
        }
    }

    fn tell_all(&self) {
        let all: Vec<_> = self.lock().values().filter_map(Weak::upgrade).collect();
        for topic in all {
            topic.tell();
        }
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
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn a_word_reaches_whoever_waits_and_nobody_else() {
        let topics = Topics::default();
        let (one, other) = (topics.get("w:one"), topics.get("w:other"));
        topics.tell("w:one");
        topics.tell("w:nobody");
        assert_eq!((one.words(), other.words()), (1, 0));
        assert_eq!(topics.get("w:one").words(), 1);
        topics.tell_all();
        assert_eq!((one.words(), other.words()), (2, 1));
        drop(other);
        assert_eq!(topics.get("w:other").words(), 0);
    }
}
