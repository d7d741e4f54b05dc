//! A scripted coordinator: it plays Presto or Trino over real HTTP, does what a statement's text tells it, and
//! remembers whatever was done to it wrongly.
//!
//! It has the shapes of Presto 0.287 and Trino 476 as they were seen to answer: the POST runs nothing, the first
//! GET begins the statement, HEAD acts as its GET, every token's URI is its own, and Presto answers the DELETE of
//! what has not begun with 500 and runs it all the same.
//!
//! # Scripts
//!
//! A statement says what becomes of it in a comment, `/*script key=value …*/`. Flags are `1`. GETs are numbered
//! from 1, over all GETs (and HEADs) of one statement, repeated ones too.
//!
//! | key | what happens |
//! |---|---|
//! | `pages=N` `rows=N` `cell=N` `from=N` | N pages (1) of N rows (1); column `k` counts on from 0 (or `from=N`) over the whole result, column `v` is N letters (8), see [`cell_text`] |
//! | `work_ms=N` `page_ms=N` | time from the first GET to the first rows, and between pages; long-polled for 1 s at most, or the URI's `maxWait` |
//! | `queued=N` | N more answers while it is queued |
//! | `error=NAME` | fails with that error, at line 1, column 8, or `at=LINE:COLUMN` (`at=0:0`: nowhere) |
//! | `after_pages=N` `early=1` | … after N pages (0), or in the answer to the first GET |
//! | `hang=1` | runs for ever, without rows |
//! | `update=TYPE` `count=N` | `updateType` (`_` is a space) and `updateCount`; no rows unless `rows` or `pages` is said too |
//! | `header=NAME:VALUE` | a response header, with the dialect's prefix, on pages with rows and the last; repeatable |
//! | `warnings=N` | N warnings |
//! | `dataless=1` | a first page has the columns and no rows |
//! | `nested=1` | columns `a` array, `m` map and `r` row too, each dialect's way |
//! | `final_data=1` | the last rows come without a nextUri |
//! | `huge=N` | one row a page, its `v` N MiB long |
//! | `retry=1` | Presto: its first results' nextUri is `/v1/statement/queued/retry/{id}`, which begins a new query |
//! | `status=CODExN@M` | N GETs (1) from number M (1) on are answered CODE, and do nothing |
//! | `drop=N` | GET N does all it does, and its connection is closed without an answer; repeatable |
//! | `cut=N` | the same, in the middle of the answer's body; repeatable |
//! | `html=N` `truncated=N` | from GET N on, an HTML page with 200, or half of the JSON |
//! | `endless=N` | GET N's body never ends |
//! | `forget=N` | after GET N the query is unknown: 404 |
//! | `foreign=URL` | GETs' nextUri is URL; a bare `http://host:port` keeps the path |
//! | `slow_header_ms=N` | GETs' answers come that much later |
//! | `post_status=CODExN` | N POSTs of this very text (all of them) are answered CODE, and give no id |
//! | `post_drop=N` | N POSTs of this very text give an id, and their connection is closed without an answer |
//! | `post_html=1` `post_slow_ms=N` | the POST is answered an HTML page with 200, or that much later |
//!
//! # Violations
//!
//! [`Seen::violations`] names them by their first word: `head` (a HEAD of a statement URI), `second-first-get` (the
//! first GET asked again after it was answered), `older-token`, `skipped-token`, `slug`, `get-after-delete` (a
//! second GET after a DELETE), `unknown-query` (an id that was never given), `begun-after-delete`, `abandoned` (begun and not polled for `abandon_after`),
//! `forwarded` (a header that tells of a proxy), `dialect` (the other dialect's header), `method`, `script` (a
//! script that cannot be read).

mod admin;
mod answers;
mod body;
mod envelope;
pub mod hostile;
mod query;
mod rows;
mod script;
mod seen;
mod server;
mod statement;
#[cfg(test)]
mod tests;
mod web;
mod witness;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

pub use rows::cell_text;
pub use script::Script;
pub use seen::{Seen, SeenRequest};
pub use witness::Event;

use server::Server;
use witness::Witness;

/// How long [`ScriptedCoordinator::wait_until`] waits before it panics.
const PATIENCE: Duration = Duration::from_mins(1);

/// Which coordinator is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flavor {
    /// `PrestoDB` 0.287.
    Presto,
    /// Trino 476.
    Trino,
}

/// How the whole coordinator behaves, whatever a statement's script says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// As the scripts say.
    #[default]
    Serving,
    /// No worker node has joined: Presto's statements wait in `WAITING_FOR_PREREQUISITES` for ever, Trino's fail
    /// with `NO_NODES_AVAILABLE`. `/v1/info` says all is well.
    NoNodes,
    /// Every request is answered this status, and does nothing else.
    Answering(u16),
    /// Connections are accepted, nothing is answered: a process that is stopped, or a network that swallows.
    /// Requests wait, and are answered after the next change of mode.
    Frozen,
}

/// Other people's queries on the cluster, shown in `/v1/cluster` and `/v1/query`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Queries that run.
    pub running: u64,
    /// Queries that wait for a slot.
    pub queued: u64,
    /// Queries that run and are blocked.
    pub blocked: u64,
}

/// A coordinator in the test's own process, on a port of 127.0.0.1. It runs on the tokio runtime it was started
/// on; dropping it stops it.
///
/// ```
/// use perk_protocol::testsuite::{Flavor, ScriptedCoordinator};
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let presto = ScriptedCoordinator::start(Flavor::Presto).await;
/// let url = format!("{}/v1/statement", presto.url());
/// // … a client posts "SELECT 1 /*script pages=2 rows=10*/" there, and reads …
/// presto.wait_until(|seen| seen.running == 0).await;
/// presto.seen().assert_clean();
/// # });
/// ```
#[derive(Debug)]
pub struct ScriptedCoordinator {
    url: String,
    server: Arc<Server>,
    process: Mutex<Option<Process>>,
}

/// What runs while the coordinator does. Dropping `stop` ends it.
#[derive(Debug)]
struct Process {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl ScriptedCoordinator {
    /// Starts one on a free port. Panics if there is none.
    pub async fn start(flavor: Flavor) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), flavor).await
    }

    /// Starts one on that address. Panics if it cannot be bound.
    pub async fn start_at(addr: SocketAddr, flavor: Flavor) -> Self {
        let listener = bind(addr).await;
        let addr = listener
            .local_addr()
            .expect("a bound listener has an address");
        let server = Arc::new(Server::new(flavor, addr));
        let coordinator = Self {
            url: format!("http://{addr}"),
            server,
            process: Mutex::new(None),
        };
        coordinator.run(listener);
        coordinator
    }

    /// Its address as a URL, without a slash at the end. A restart keeps it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its address. A restart keeps it.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr
    }

    /// Which coordinator it plays.
    pub fn flavor(&self) -> Flavor {
        self.server.flavor
    }

    /// Ends it like `kill -9`: the port and every connection are closed when this returns, every query is
    /// forgotten. What was seen is kept.
    pub async fn stop(&self) {
        let process = self
            .process
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(Process { stop, task }) = process {
            drop(stop);
            // The task ends by itself; an error would only say that its runtime is gone.
            drop(task.await);
        }
        self.server.wipe();
    }

    /// Stops it if it runs, and starts it on the same port; it knows nothing of its former queries.
    pub async fn restart(&self) {
        self.stop().await;
        let listener = bind(self.server.addr).await;
        self.run(listener);
    }

    /// Closes every connection, as a network or a proxy does; queries go on.
    pub fn cut_connections(&self) {
        self.server.cut.notify_waiters();
    }

    /// Changes how the whole coordinator behaves. A restart keeps it.
    pub fn set_mode(&self, mode: Mode) {
        self.server.mode.send_replace(mode);
    }

    /// After how long a query that is not polled is ended, and that is a violation if it had begun; 5 minutes
    /// unless told.
    pub fn set_abandon_after(&self, time: Duration) {
        self.server.state().abandon_after = time;
        self.server.hurry.notify_one();
    }

    /// Answers 431 where a request's head is longer; a Presto as it comes does so at about 8 KiB. No limit unless
    /// told.
    pub fn set_max_header_bytes(&self, most: Option<usize>) {
        self.server.state().max_header_bytes = most;
    }

    /// Shows other people's queries, besides its own.
    pub fn pretend_load(&self, load: Load) {
        self.server.state().load = load;
    }

    /// Has somebody told of what happens, before it has any effect. `tell` is called under the coordinator's lock: it must
    /// not call the coordinator. A restart keeps it.
    pub fn set_witness(&self, tell: impl Fn(Event<'_>) + Send + Sync + 'static) {
        self.server.state().witness = Witness::new(tell);
    }

    /// What was seen so far: a copy.
    pub fn seen(&self) -> Seen {
        self.server.state().seen.clone()
    }

    /// Waits until `condition` holds of what was seen; asks again after every change, so that it needs no sleep.
    /// `condition` is called under the coordinator's lock: it must not call the coordinator. Panics, telling what
    /// was seen, after a minute.
    pub async fn wait_until(&self, condition: impl Fn(&Seen) -> bool) {
        let since = Instant::now();
        loop {
            let mut changed = std::pin::pin!(self.server.changed.notified());
            changed.as_mut().enable();
            if condition(&self.server.state().seen) {
                return;
            }
            // Real time, so that a test's paused clock does not run out of patience.
            assert!(
                since.elapsed() < PATIENCE,
                "waited a minute in vain; seen: {:#?}",
                self.seen()
            );
            tokio::select! {
                () = changed => {}
                () = tokio::time::sleep(Duration::from_secs(5)) => {}
            }
        }
    }

    fn run(&self, listener: TcpListener) {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(Arc::clone(&self.server), listener, stopped));
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = Some(Process { stop, task });
    }
}

impl Flavor {
    /// What the dialect's headers begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Presto => "X-Presto-",
            Self::Trino => "X-Trino-",
        }
    }

    fn user_header(self) -> &'static str {
        match self {
            Self::Presto => "x-presto-user",
            Self::Trino => "x-trino-user",
        }
    }

    fn version(self) -> &'static str {
        match self {
            Self::Presto => "0.287",
            Self::Trino => "476",
        }
    }
}

async fn bind(addr: SocketAddr) -> TcpListener {
    TcpListener::bind(addr)
        .await
        .unwrap_or_else(|error| panic!("cannot listen on {addr}: {error}"))
}

/// The process: accepts until `stopped`, then closes everything.
async fn serve(server: Arc<Server>, listener: TcpListener, mut stopped: oneshot::Receiver<()>) {
    let mut tasks = JoinSet::new();
    tasks.spawn(Arc::clone(&server).sweep());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => _ = tasks.spawn(connection(Arc::clone(&server), stream)),
                // Out of file descriptors, most likely: some come back.
                Err(error) => {
                    tracing::warn!(%error, "the scripted coordinator cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            },
            _ended = tasks.join_next() => {}
            _ = &mut stopped => break,
        }
    }
    drop(listener);
    tasks.shutdown().await;
}

async fn connection(server: Arc<Server>, stream: TcpStream) {
    // Without it small answers wait for the client's acknowledgement; nothing breaks.
    drop(stream.set_nodelay(true));
    let cut = Arc::clone(&server);
    let cut = cut.cut.notified();
    let service = service_fn(move |request| web::handle(Arc::clone(&server), request));
    let connection = http1::Builder::new()
        .title_case_headers(true)
        .max_headers(1000)
        .max_buf_size(4 << 20)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        ended = connection => if let Err(error) = ended {
            tracing::debug!(%error, "a connection of the scripted coordinator ended");
        },
        () = cut => {}
    }
}
