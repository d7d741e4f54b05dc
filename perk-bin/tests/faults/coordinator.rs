//! The scripted coordinator as a process: this very program, run again with the argument `coordinator`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsFd;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use perk_protocol::testsuite::{Event, Flavor, ScriptedCoordinator};

use crate::journal::{Journal, Line};
use crate::lock;
use crate::support::redis::free_port;

/// A query that has begun and is not asked for this long was forgotten by everybody, which is worth a complaint. Perk asks once a
/// minute when it has no room for more.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(150);
/// How long a coordinator may take to listen.
const START_LIMIT: Duration = Duration::from_secs(30);

/// The process: listens at the address that follows, and writes a line to stdout for all that happens, in one write and
/// before it happens. It ends with whoever holds its stdin.
pub(crate) fn main(mut arguments: impl Iterator<Item = String>) -> ExitCode {
    let address = arguments
        .next()
        .and_then(|text| text.parse::<SocketAddr>().ok());
    let Some(address) = address else {
        eprintln!("say at which address the coordinator is to listen");
        return ExitCode::FAILURE;
    };
    thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let coordinator = ScriptedCoordinator::start_at(address, Flavor::Presto).await;
        coordinator.set_abandon_after(FORGOTTEN_AFTER);
        // A clone has no buffer of its own, as the standard library's handle has.
        let stdout = io::stdout().as_fd().try_clone_to_owned();
        let mut journal = File::from(stdout.expect("stdout"));
        write(&mut journal, &Line::Listens);
        let journal = Mutex::new(journal);
        coordinator.set_witness(move |event| {
            if let Some(line) = line(event) {
                write(&mut lock(&journal), &line);
            }
        });
        std::future::pending::<()>().await;
    });
    ExitCode::SUCCESS
}

fn write(journal: &mut File, line: &Line) {
    let mut text = serde_json::to_vec(line).expect("a line is JSON");
    text.push(b'\n');
    // Whoever does not read it any more has ended, and this will.
    let _ = journal.write_all(&text);
}

fn line(event: Event<'_>) -> Option<Line> {
    let (id, sql) = match event {
        Event::Given { id, sql } | Event::Begun { id, sql } | Event::Deleted { id, sql } => {
            (id.to_owned(), sql.to_owned())
        }
        Event::Ended { id, how } => {
            return Some(Line::Ended {
                id: id.to_owned(),
                how: how.to_owned(),
            });
        }
        Event::Violated(text) => return Some(Line::Complaint(text.to_owned())),
        _ => return None,
    };
    Some(match event {
        Event::Given { .. } => Line::Given { id, sql },
        Event::Begun { .. } => Line::Begun { id, sql },
        _ => Line::Deleted { id, sql },
    })
}

/// The process, seen by who started it.
pub(crate) struct Coordinator {
    address: SocketAddr,
    journal: Arc<Journal>,
    running: Mutex<Option<(Child, JoinHandle<()>)>>,
}

impl Coordinator {
    /// One that listens.
    pub(crate) async fn start() -> Result<Self, String> {
        let coordinator = Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, free_port())),
            journal: Arc::default(),
            running: Mutex::default(),
        };
        coordinator.start_again().await?;
        Ok(coordinator)
    }

    /// Starts it where it was. It knows nothing of its former queries.
    pub(crate) async fn start_again(&self) -> Result<(), String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut child = Command::new(program)
            .args(["coordinator", &self.address.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the coordinator cannot be started: {error}"))?;
        let stdout = child.stdout.take().expect("it is a pipe");
        let (journal, before) = (self.journal.clone(), self.journal.listens());
        let reader = thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // A line that is cut off by its end was not yet true.
                if let Ok(line) = serde_json::from_str(&line) {
                    journal.add(line);
                }
            }
        });
        *lock(&self.running) = Some((child, reader));
        let listens = |journal: &Journal| (journal.listens() > before).then_some(());
        let listens = self.journal.wait(START_LIMIT, listens).await;
        listens.ok_or_else(|| "the coordinator does not listen".to_owned())
    }

    /// Ends it as `kill -9` does; all that it told is known when this returns.
    pub(crate) fn kill(&self) {
        if let Some((mut child, reader)) = lock(&self.running).take() {
            // Both fail only if it has ended, which is what is wanted.
            let _ = child.kill();
            let _ = child.wait();
            let _ = reader.join();
        }
    }

    /// Its address, without a slash at the end.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has told.
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }
}

impl Drop for Coordinator {
    fn drop(&mut self) {
        self.kill();
    }
}
