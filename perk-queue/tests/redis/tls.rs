//! TLS, with a certificate authority of one's own: `SSL_CERT_FILE` names it, so each is tried in a process of its own.

use std::env;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use perk_core::{Random, Rerunnable};
use perk_queue::{Redis, RedisConfig};

use crate::round::Processes;
use crate::server::{Server, is_there};

/// What the other process is given.
const ADDRESS: &str = "PERK_TEST_TLS_ADDRESS";
const WORKS: &str = "it works";
const PASSWORD: &str = "s3cret";

/// Makes a certificate authority and a certificate of 127.0.0.1's.
const CERTIFICATES: &str = r#"
set -e
key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $1.key 2>/dev/null \
  || openssl ecparam -genkey -name prime256v1 -out $1.key; }
key ca; key server
openssl req -x509 -new -key ca.key -days 2 -subj "/CN=authority $1" -out ca.pem
openssl req -new -key server.key -subj /CN=server -out server.csr
echo subjectAltName=IP:127.0.0.1 >names
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem
"#;

/// A folder that goes with this.
struct Folder(PathBuf);

impl Folder {
    fn with_certificates() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("perk-tls-{}-{number}", std::process::id());
        let folder = Self(env::temp_dir().join(name));
        fs::create_dir_all(&folder.0).unwrap();
        let made = Command::new("sh")
            .args(["-c", CERTIFICATES, "sh", &number.to_string()])
            .current_dir(&folder.0)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{said}");
        folder
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A server that speaks nothing but TLS, and the authority that vouches for it.
fn server() -> Option<(Server, Folder)> {
    if !is_there("openssl", "version") {
        return None;
    }
    let folder = Folder::with_certificates();
    let [ca, key, certificate] =
        ["ca.pem", "server.key", "server.pem"].map(|name| folder.file(name).display().to_string());
    let server = Server::with(|port| {
        format!(
            "port 0\ntls-port {port}\ntls-auth-clients no\ntls-ca-cert-file {ca}\n\
             tls-key-file {key}\ntls-cert-file {certificate}\nrequirepass {PASSWORD}\n"
        )
    })?;
    Some((server, folder))
}

/// What a process says that trusts this authority alone.
async fn says_who_trusts(authority: &Path, address: &str) -> String {
    let mut other = tokio::process::Command::new(env::current_exe().unwrap());
    other
        .args([
            "--exact",
            "tls::the_other_process",
            "--ignored",
            "--nocapture",
        ])
        .env("SSL_CERT_FILE", authority)
        .env_remove("SSL_CERT_DIR")
        .env(ADDRESS, address)
        .kill_on_drop(true);
    let said = other.output().await.unwrap();
    String::from_utf8_lossy(&said.stdout).into_owned()
}

#[tokio::test]
#[ignore = "it is run by the others, with an authority to trust"]
async fn the_other_process() {
    let Ok(address) = env::var(ADDRESS) else {
        return;
    };
    let config = RedisConfig::new(address);
    match Redis::connect(config.clone(), Random::system()).await {
        Ok(_) => {
            let processes = Processes::over(&config).await;
            processes.round("q", Rerunnable::No).await.unwrap();
            println!("{WORKS}");
        }
        Err(error) => println!("{error}"),
    }
}

#[tokio::test]
async fn all_goes_over_tls_to_whom_the_authority_vouches_for() {
    let Some((server, folder)) = server() else {
        return;
    };
    let address = format!("rediss://:{PASSWORD}@127.0.0.1:{}", server.port());
    let said = says_who_trusts(&folder.file("ca.pem"), &address).await;
    assert!(said.contains(WORKS), "{said}");
}

#[tokio::test]
async fn whom_nobody_vouches_for_is_not_spoken_to() {
    let Some((server, _folder)) = server() else {
        return;
    };
    let other = Folder::with_certificates();
    let address = format!("rediss://:{PASSWORD}@127.0.0.1:{}", server.port());
    let said = says_who_trusts(&other.file("ca.pem"), &address).await;
    assert!(said.contains("UnknownIssuer"), "{said}");
    assert!(!said.contains(WORKS) && !said.contains(PASSWORD), "{said}");
}

#[tokio::test]
async fn without_tls_there_is_no_answer_and_it_is_said() {
    let Some((server, _folder)) = server() else {
        return;
    };
    let address = format!("redis://:{PASSWORD}@127.0.0.1:{}", server.port());
    let connected = Redis::connect(RedisConfig::new(address), Random::system()).await;
    let error = connected.expect_err("it speaks TLS").to_string();
    assert!(error.contains("IO Error"), "{error}");
    assert!(!error.contains(PASSWORD), "{error}");
}

/// Whoever is asked for TLS and does not speak it hears nothing that is meant for a Redis.
#[tokio::test]
async fn nothing_is_said_in_the_clear_instead() {
    if !is_there("openssl", "version") {
        return;
    }
    let folder = Folder::with_certificates();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let heard = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        client
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let mut heard = vec![0; 4096];
        let length = client.read(&mut heard).unwrap();
        // As a Redis without TLS answers.
        let _ = client.write_all(b"-ERR unknown command\r\n");
        let _ = client.read_to_end(&mut Vec::new());
        heard.truncate(length);
        heard
    });
    let address = format!("rediss://:{PASSWORD}@{address}");
    let said = says_who_trusts(&folder.file("ca.pem"), &address).await;
    assert!(!said.contains(WORKS) && !said.contains(PASSWORD), "{said}");
    let heard = heard.join().unwrap();
    // A handshake of TLS.
    assert_eq!(
        heard[..2],
        [0x16, 0x03],
        "{}",
        String::from_utf8_lossy(&heard)
    );
}
