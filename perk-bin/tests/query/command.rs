//! The built `perk` as a command: started, signalled, and what it printed.

// Every target that includes this module uses only a part of it.
#![allow(dead_code)]

use std::io::Read;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub(crate) use crate::support::perk;
use crate::support::poll;

/// How long a command may take that nothing holds up.
const LIMIT: Duration = Duration::from_mins(1);

/// What a command that has ended left.
#[derive(Debug)]
pub(crate) struct Done {
    /// How it ended. A signal is no exit code.
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) -> &Self {
        assert_eq!(self.status.code(), Some(code), "{self:#?}");
        self
    }

    /// Asserts that standard error is `lines`, exactly.
    #[track_caller]
    pub(crate) fn assert_told(&self, lines: &str) -> &Self {
        assert_eq!(self.stderr.trim_end(), lines, "{self:#?}");
        self
    }
}

/// A command that runs; dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
}

/// Runs `perk` with these arguments to its end.
pub(crate) fn run(arguments: &[&str]) -> Done {
    Running::start(&mut perk(arguments)).done()
}

impl Running {
    /// Starts a command and reads what it prints.
    pub(crate) fn start(command: &mut Command) -> Self {
        let (mut running, stdout) = Self::start_unread(command);
        running.stdout = Some(read(stdout));
        running
    }

    /// Starts a command, and leaves its standard output to the caller.
    pub(crate) fn start_unread(command: &mut Command) -> (Self, ChildStdout) {
        let mut child = command.spawn().expect("perk can be started");
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().map(read::<ChildStderr>);
        let running = Self {
            child,
            stdout: None,
            stderr,
        };
        (running, stdout)
    }

    /// Sends it a signal by name. It must not have been waited for.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status();
        assert!(sent.is_ok_and(|sent| sent.success()), "kill -{name} {pid}");
    }

    /// Waits for its end.
    pub(crate) fn done(mut self) -> Done {
        let status = poll(LIMIT, || self.child.try_wait().ok().flatten());
        if status.is_none() {
            let _ = self.child.kill();
        }
        let join = |thread: Option<JoinHandle<String>>| {
            thread.map_or_else(String::new, |thread| thread.join().expect("reading"))
        };
        let (stdout, stderr) = (join(self.stdout.take()), join(self.stderr.take()));
        let status =
            status.unwrap_or_else(|| panic!("perk does not end; it printed:\n{stdout}{stderr}"));
        Done {
            status,
            stdout,
            stderr,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only if it has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read<R: Read + Send + 'static>(mut stream: R) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // Fails only with its process; what came until then was printed.
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
