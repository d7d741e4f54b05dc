//! What stands between one process of Perk's and Redis: it passes bytes on as they are, knows which script each command
//! runs, and stops the traffic where a test says so. A process whose traffic stands still at a known command, and that is
//! killed then, has died at a known step.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::lock;
use crate::resp::{self, Value};
use crate::support::redis::free_port;

/// How much of each argument a guard is shown: names and numbers, not statements and pages.
const SHOWN: usize = 256;

/// Which script `EVALSHA` names.
static SCRIPTS: LazyLock<HashMap<String, &'static str>> =
    LazyLock::new(|| perk_queue::redis::script_names().into_iter().collect());

/// When a guard is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The process has sent a command; Redis has not seen it.
    Sent,
    /// Redis has answered it; the process has not heard.
    Answered,
}

/// A script's command, or its answer, on its way.
#[derive(Debug)]
pub(crate) struct Passage<'a> {
    pub(crate) moment: Moment,
    /// `folder/name`, as in the folder of scripts.
    pub(crate) script: &'static str,
    /// What the script was given, long ones cut short.
    pub(crate) arguments: &'a [String],
    /// What it answered; nothing before it has.
    pub(crate) answer: Value<'a>,
}

impl Passage<'_> {
    /// Whether it is this script's, at this moment.
    pub(crate) fn is(&self, moment: Moment, script: &str) -> bool {
        self.moment == moment && self.script == script
    }

    /// An argument, from 1 as the scripts count; empty where there is none.
    pub(crate) fn argument(&self, number: usize) -> &str {
        let argument = self.arguments.get(number - 1);
        argument.map_or("", String::as_str)
    }
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It goes on.
    Pass,
    /// It goes no further, all else does.
    Swallow,
    /// Neither it nor anything after it goes further on this connection, in either direction, until the process closes it.
    Stop,
    /// It goes no further, and the connection is closed.
    Cut,
}

/// Asked about each script's command and answer of one process. It must not block.
pub(crate) type Guard = Box<dyn FnMut(&Passage<'_>) -> Decision + Send>;

/// A proxy on an address of its own, for one process.
pub(crate) struct Proxy {
    shared: Arc<Shared>,
    address: SocketAddr,
    serving: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    redis: SocketAddr,
    guard: Option<Mutex<Guard>>,
}

impl Proxy {
    /// One before the Redis at this port. Without a guard nothing is looked at.
    pub(crate) async fn start(redis: u16, guard: Option<Guard>) -> io::Result<Self> {
        let proxy = Self {
            shared: Arc::new(Shared {
                redis: SocketAddr::from((Ipv4Addr::LOCALHOST, redis)),
                guard: guard.map(Mutex::new),
            }),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, free_port())),
            serving: Mutex::default(),
        };
        proxy.accept().await?;
        Ok(proxy)
    }

    /// What a process connects to.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Closes every connection and refuses new ones.
    pub(crate) async fn refuse(&self) {
        let serving = lock(&self.serving).take();
        if let Some(serving) = serving {
            serving.abort();
            // It was told to end, so this is an error, and the listener is closed.
            let _ = serving.await;
        }
    }

    /// Takes connections, again after [`Self::refuse`].
    pub(crate) async fn accept(&self) -> io::Result<()> {
        let listener = TcpListener::bind(self.address).await?;
        let shared = self.shared.clone();
        let serving = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => if let Ok((client, _)) = accepted {
                        connections.spawn(connection(client, shared.clone()));
                    },
                    _ended = connections.join_next(), if !connections.is_empty() => {}
                }
            }
        });
        *lock(&self.serving) = Some(serving);
        Ok(())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(serving) = lock(&self.serving).take() {
            serving.abort();
        }
    }
}

/// One connection, until either side closes it.
async fn connection(mut client: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    let mut redis = TcpStream::connect(shared.redis).await?;
    client.set_nodelay(true)?;
    redis.set_nodelay(true)?;
    let Some(guard) = &shared.guard else {
        tokio::io::copy_bidirectional(&mut client, &mut redis).await?;
        return Ok(());
    };
    let line = Line {
        guard,
        unanswered: Mutex::default(),
        stopped: AtomicBool::new(false),
        subscribed: AtomicBool::new(false),
    };
    let (from_client, to_client) = client.split();
    let (from_redis, to_redis) = redis.split();
    tokio::select! {
        ended = line.commands(from_client, to_redis) => ended,
        ended = line.answers(from_redis, to_client) => ended,
    }
}

/// What both directions of a connection know.
struct Line<'a> {
    guard: &'a Mutex<Guard>,
    unanswered: Mutex<VecDeque<Option<Command>>>,
    stopped: AtomicBool,
    /// What comes from Redis then answers nothing.
    subscribed: AtomicBool,
}

/// A script's command that Redis has and has not answered.
struct Command {
    script: &'static str,
    arguments: Vec<String>,
}

impl Line<'_> {
    async fn commands(&self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> io::Result<()> {
        let mut read = BytesMut::with_capacity(1 << 16);
        while from.read_buf(&mut read).await? > 0 {
            let mut passed = BytesMut::new();
            while let Some(frame) = next(&mut read)? {
                let (decision, command) = self.judge_command(&frame);
                match decision {
                    _ if self.stopped() => {}
                    Decision::Pass => {
                        lock(&self.unanswered).push_back(command);
                        passed.extend_from_slice(&frame);
                    }
                    Decision::Swallow => {}
                    Decision::Stop => self.stopped.store(true, Ordering::Release),
                    Decision::Cut => return Ok(()),
                }
            }
            // What was let through before a stop is Redis's: it is to be done.
            to.write_all(&passed).await?;
        }
        Ok(())
    }

    async fn answers(&self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> io::Result<()> {
        let mut read = BytesMut::with_capacity(1 << 16);
        while from.read_buf(&mut read).await? > 0 {
            let mut passed = BytesMut::new();
            if self.subscribed.load(Ordering::Acquire) {
                passed = read.split();
            }
            while let Some(frame) = next(&mut read)? {
                match self.judge_answer(&frame) {
                    _ if self.stopped() => {}
                    Decision::Pass => passed.extend_from_slice(&frame),
                    Decision::Swallow => {}
                    Decision::Stop => self.stopped.store(true, Ordering::Release),
                    Decision::Cut => return Ok(()),
                }
            }
            to.write_all(&passed).await?;
        }
        Ok(())
    }

    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    fn judge_command(&self, frame: &[u8]) -> (Decision, Option<Command>) {
        let words = Value::of(frame).items();
        let name = words.first().map_or("", |word| word.text());
        if name.to_ascii_uppercase().ends_with("SUBSCRIBE") {
            self.subscribed.store(true, Ordering::Release);
        }
        let script = match words.get(1) {
            Some(hash) if name.eq_ignore_ascii_case("EVALSHA") => SCRIPTS.get(hash.text()),
            _ => None,
        };
        let Some(script) = script else {
            return (Decision::Pass, None);
        };
        // After the script come the number of its keys, which is 1, and the key.
        let arguments = words.iter().skip(4).map(|word| match word {
            Value::Text(text) => {
                String::from_utf8_lossy(&text[..text.len().min(SHOWN)]).into_owned()
            }
            _ => String::new(),
        });
        let command = Command {
            script,
            arguments: arguments.collect(),
        };
        let decision = self.ask(Moment::Sent, &command, Value::Nothing);
        (decision, Some(command))
    }

    fn judge_answer(&self, frame: &[u8]) -> Decision {
        match lock(&self.unanswered).pop_front() {
            Some(Some(command)) => self.ask(Moment::Answered, &command, Value::of(frame)),
            _ => Decision::Pass,
        }
    }

    fn ask(&self, moment: Moment, command: &Command, answer: Value<'_>) -> Decision {
        let passage = Passage {
            moment,
            script: command.script,
            arguments: &command.arguments,
            answer,
        };
        lock(self.guard)(&passage)
    }
}

/// The next whole command or answer of what was read.
fn next(read: &mut BytesMut) -> io::Result<Option<Bytes>> {
    let length = resp::length(read).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(length.map(|length| read.split_to(length).freeze()))
}
