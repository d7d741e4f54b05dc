//! A real nginx as a child process, with a certificate of its own, and a TLS client that asks it: openssl.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::poll;
use crate::wire::{self, Reply};

const START_LIMIT: Duration = Duration::from_secs(10);

/// One port of nginx, and what is behind it.
pub(crate) struct Site {
    pub(crate) port: u16,
    pub(crate) upstream: String,
    pub(crate) directives: &'static [&'static str],
}

/// A running nginx. Dropping it ends it.
pub(crate) struct Nginx {
    child: Child,
    folder: PathBuf,
    /// The sites' ports, in their order.
    pub(crate) ports: Vec<u16>,
    /// Its self-signed certificate for `localhost`.
    pub(crate) certificate: PathBuf,
}

/// Whether nginx and openssl can be run.
pub(crate) fn found() -> Option<()> {
    let runs = |program: &str, argument: &str| {
        let run = Command::new(program).arg(argument).output();
        run.is_ok_and(|run| run.status.success())
    };
    (runs("nginx", "-v") && runs("openssl", "version")).then_some(())
}

/// A free port, which nobody else can take until nginx does.
pub(crate) fn reserve() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a free port")
}

impl Nginx {
    /// Starts it with all its files in `folder`, and returns when it listens.
    pub(crate) fn start<const N: usize>(
        folder: &Path,
        sites: &[Site; N],
        reserved: [TcpListener; N],
    ) -> Result<Self, String> {
        let certificate = make_certificate(folder)?;
        let config = folder.join("nginx.conf");
        fs::write(&config, configuration(sites)).map_err(|error| error.to_string())?;
        let log = File::create(folder.join("stderr")).map_err(|error| error.to_string())?;
        drop(reserved);
        let child = Command::new("nginx")
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(&config)
            .args(["-e", "stderr"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("nginx: {error}"))?;
        let mut nginx = Self {
            child,
            folder: folder.to_owned(),
            ports: sites.iter().map(|site| site.port).collect(),
            certificate,
        };
        let listens = |port: &u16| TcpStream::connect(("127.0.0.1", *port)).is_ok();
        let started = poll(START_LIMIT, || {
            let ended = nginx.child.try_wait().ok().flatten();
            (ended.is_some() || nginx.ports.iter().all(listens)).then_some(ended.is_none())
        });
        if started == Some(true) {
            return Ok(nginx);
        }
        let log = fs::read_to_string(folder.join("stderr")).unwrap_or_default();
        Err(format!("nginx does not listen; it said:\n{log}"))
    }

    /// The requests that came to a port so far: `GET /path 200`.
    pub(crate) fn requests(&self, port: u16) -> Result<Vec<String>, String> {
        let log = self.folder.join(format!("access-{port}.log"));
        let lines = fs::read_to_string(&log);
        let lines = lines.map_err(|error| format!("{}: {error}", log.display()))?;
        Ok(lines.lines().map(str::to_owned).collect())
    }

    /// Sends a request by TLS, trusting only nginx's certificate, and reads the answer.
    pub(crate) fn ask(
        &self,
        port: u16,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Reply, String> {
        let mut client = Command::new("openssl")
            .args(["s_client", "-quiet", "-verify_return_error"])
            .args(["-servername", "localhost", "-connect"])
            .arg(format!("127.0.0.1:{port}"))
            .arg("-CAfile")
            .arg(&self.certificate)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("openssl: {error}"))?;
        let host = format!("localhost:{port}");
        let request = wire::request_to(&host, method, path, headers, body);
        let mut stdin = client.stdin.take().expect("it is piped");
        let written = stdin.write_all(&request);
        drop(stdin);
        let done = client.wait_with_output();
        let done = done.map_err(|error| format!("openssl: {error}"))?;
        let told = || {
            let told = String::from_utf8_lossy(&done.stderr);
            format!("{method} {path} was not answered: {written:?} {told}")
        };
        Reply::read(&done.stdout).ok_or_else(told)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Both fail only if it has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One process in the foreground, that writes nowhere but into its own folder.
fn configuration(sites: &[Site]) -> String {
    let mut text =
        "daemon off;\nmaster_process off;\npid nginx.pid;\nevents {}\nhttp {\n".to_owned();
    for folder in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{folder}_temp_path {folder};");
    }
    text += "log_format short '$request_method $request_uri $status';\n";
    for site in sites {
        let Site { port, upstream, .. } = site;
        let _ = write!(
            text,
            "server {{\nlisten 127.0.0.1:{port} ssl;\nserver_name localhost;\n\
             ssl_certificate certificate.pem;\nssl_certificate_key key.pem;\n\
             access_log access-{port}.log short;\nlocation / {{\nproxy_pass {upstream};\n"
        );
        for directive in site.directives {
            let _ = writeln!(text, "{directive};");
        }
        text += "}\n}\n";
    }
    text + "}\n"
}

/// A self-signed certificate for `localhost` and its key, beside the configuration, where nginx looks for them.
fn make_certificate(folder: &Path) -> Result<PathBuf, String> {
    let certificate = folder.join("certificate.pem");
    let made = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"])
        .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
        ])
        .arg("-keyout")
        .arg(folder.join("key.pem"))
        .arg("-out")
        .arg(&certificate)
        .output()
        .map_err(|error| format!("openssl: {error}"))?;
    if made.status.success() {
        Ok(certificate)
    } else {
        Err(format!(
            "openssl: {}",
            String::from_utf8_lossy(&made.stderr)
        ))
    }
}
