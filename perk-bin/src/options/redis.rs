//! Which Redis a deployment shares, and the key that credentials are encrypted with there.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use clap::{Args, ValueEnum};
use perk_core::Random;
use perk_queue::{CredentialKey, PageCompression, Redis, RedisConfig, RedisStoreConfig};

/// What keys begin with where nothing else is said.
const PREFIX: &str = "perk";
const FORM: &str = "it must look like redis://host:6379";

#[derive(Debug, Args)]
#[command(next_help_heading = "Redis (the same for all gateways and workers of a deployment)")]
pub(crate) struct RedisOptions {
    /// The Redis that queue and results are in, like <redis://user:password@host:6379>; rediss:// with TLS,
    /// redis-cluster:// and one of its nodes for a cluster, redis-sentinel://host:port?sentinelServiceName=name for
    /// Sentinel. In the environment its password is seen by fewer than on a command line.
    #[arg(long, env = "PERK_REDIS", hide_env_values = true, value_name = "URL")]
    redis: RedisUrl,
    /// What the names of all keys there begin with: deployments that share a Redis each have their own.
    #[arg(long, default_value = PREFIX, value_name = "TEXT", value_parser = prefix, requires = "redis")]
    redis_prefix: String,
    /// For how many seconds an answer from there is waited for.
    #[arg(long, default_value_t = 5, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=60), requires = "redis")]
    redis_timeout: u64,
    /// How many replicas of that Redis must know of a statement that may not run twice before a cluster is made to begin it:
    /// then a failover to one of them forgets no write. Not with a cluster's address.
    #[arg(long, default_value_t = 0, value_name = "NUMBER", requires = "redis")]
    redis_replicas: u16,
}

impl RedisOptions {
    /// For a gateway or a worker.
    pub(crate) fn config(&self, lease: Duration, store: RedisStoreConfig) -> RedisConfig {
        RedisConfig {
            prefix: self.redis_prefix.clone(),
            timeout: Duration::from_secs(self.redis_timeout),
            lease,
            replicas: self.redis_replicas,
            store,
            ..RedisConfig::new(self.redis.0.clone())
        }
    }

    /// For a look at what is there. Fails where nobody answers.
    pub(crate) async fn look(&self) -> anyhow::Result<Redis> {
        let RedisConfig { lease, store, .. } = RedisConfig::new("");
        let redis = Redis::connect(self.config(lease, store), Random::system()).await;
        redis.map_err(|error| anyhow!("{error}; is this the right --redis, and does it run?"))
    }
}

impl fmt::Display for RedisOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.redis)?;
        match self.redis_prefix.as_str() {
            PREFIX => Ok(()),
            prefix => write!(f, " (keys {prefix})"),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct PageOptions {
    /// How this worker's pages are stored in Redis; gateways read any.
    #[arg(
        long,
        value_name = "HOW",
        default_value = "lz4",
        requires = "redis",
        help_heading = "Redis (the same for all gateways and workers of a deployment)"
    )]
    compress_pages: Compression,
}

impl PageOptions {
    pub(crate) fn compression(&self) -> PageCompression {
        match self.compress_pages {
            Compression::None => PageCompression::None,
            Compression::Lz4 => PageCompression::Lz4,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Compression {
    /// As the cluster wrote them
    None,
    /// About half as large, for 2 ms of this worker's CPU time a mebibyte
    Lz4,
}

#[derive(Debug, Args)]
pub(crate) struct CredentialOptions {
    /// A file with the key that clients' credentials are encrypted with in Redis: 64 hexadecimal digits, as `openssl rand
    /// -hex 32` makes them, or 32 bytes. All gateways and workers must have the same. Without one, statements that carry
    /// credentials are refused.
    #[arg(
        long,
        value_name = "FILE",
        requires = "redis",
        help_heading = "Redis (the same for all gateways and workers of a deployment)"
    )]
    credential_key_file: Option<PathBuf>,
}

impl CredentialOptions {
    pub(crate) fn key(&self) -> anyhow::Result<Option<CredentialKey>> {
        self.credential_key_file
            .as_deref()
            .map(read_key)
            .transpose()
    }
}

fn read_key(file: &Path) -> anyhow::Result<CredentialKey> {
    let name = file.display();
    let content = std::fs::read(file)
        .with_context(|| format!("the credential key in {name} cannot be read"))?;
    let Some(key) = key_of(&content) else {
        let length = content.len();
        bail!(
            "{name} holds no credential key: it must have 64 hexadecimal digits or 32 bytes and has {length} bytes of \
             another kind; `openssl rand -hex 32` makes one"
        );
    };
    Ok(CredentialKey::new(key))
}

fn key_of(content: &[u8]) -> Option<[u8; 32]> {
    if let Ok(key) = content.try_into() {
        return Some(key);
    }
    let digits = content.trim_ascii();
    let mut key = [0; 32];
    if digits.len() != 2 * key.len() {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = u8::try_from(digit(0)? << 4 | digit(1)?).ok()?;
    }
    Some(key)
}

/// Keys of one query are kept together by what stands between braces.
fn prefix(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    if (1..=100).contains(&text.len()) && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("it must be 1 to 100 letters, digits, or any of - _ . :".to_owned())
    }
}

/// Where a Redis is. Shown without its passwords.
#[derive(Clone)]
pub(crate) struct RedisUrl(String);

impl FromStr for RedisUrl {
    type Err = String;

    /// What is found wrong here is told at once; what only Redis can tell is tried again for as long as it takes.
    fn from_str(given: &str) -> Result<Self, String> {
        if given.contains(ends_address) {
            return Err("write spaces and quotes in its password as %20 %22 %27".to_owned());
        }
        let (scheme, rest) = given.split_once("://").ok_or(FORM)?;
        if !RedisConfig::SCHEMES.contains(&scheme) {
            return Err(format!(
                "it must begin with one of {}",
                RedisConfig::SCHEMES.join("://, ") + "://"
            ));
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if path.contains(['@', '#']) {
            return Err("write / ? # @ in its password as %2F %3F %23 %40".to_owned());
        }
        let (_, address) = authority.rsplit_once('@').unwrap_or(("", authority));
        let after_host = address.rfind(']').map_or(0, |at| at + 1);
        let (host, port) = match address[after_host..].split_once(':') {
            Some((name, port)) => (&address[..after_host + name.len()], Some(port)),
            None => (address, None),
        };
        if host.is_empty() {
            return Err(format!("it names no host; {FORM}"));
        }
        if port.is_some_and(|port| !port.parse::<u16>().is_ok_and(|port| port > 0)) {
            return Err("its port must be a number from 1 to 65535".to_owned());
        }
        let database = path.trim_start_matches('/');
        if !database.is_empty() && database.parse::<u8>().is_err() {
            return Err(
                "what follows the port must be the number of a database, up to 255".to_owned(),
            );
        }
        if scheme.ends_with("-sentinel") && !query.contains("sentinelServiceName=") {
            return Err("it must name the service: ?sentinelServiceName=name".to_owned());
        }
        Ok(Self(given.to_owned()))
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_secrets(&self.0))
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text for people, without what addresses in it have before their host, and without the values after their `…assword=`.
pub(crate) fn without_secrets(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + "://".len());
        let (address, after) =
            address.split_at(address.find(ends_address).unwrap_or(address.len()));
        shown += before;
        let host = address.rfind('@').map_or(address, |at| {
            shown += "…";
            &address[at..]
        });
        shown += &without_values(host);
        rest = after;
    }
    shown + rest
}

/// What no address has in it, and texts have around theirs.
fn ends_address(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\'' | '"')
}

fn without_values(address: &str) -> String {
    let mut parts = address.split("assword=");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown += "assword=…";
        shown += &part[part.find('&').unwrap_or(part.len())..];
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_wrong_with_it_and_never_its_password() {
        for (given, expected) in [
            ("redis:s3cret@host", "must look like"),
            ("http://:s3cret@host", "must begin with one of redis://"),
            ("redis://:s3cret@", "names no host"),
            ("redis://:s3cret@:6379", "names no host"),
            ("redis://:s3cret@host:port", "its port"),
            ("redis://:s3cret@host:0", "its port"),
            ("redis://:s3/cret@host", "%2F"),
            ("redis://:s3'cret@host", "%27"),
            ("redis://:s3cret@host/first", "a database"),
            ("redis-sentinel://:s3cret@host:26379", "sentinelServiceName"),
        ] {
            let error = given.parse::<RedisUrl>().unwrap_err();
            assert!(
                error.contains(expected) && !error.contains("cret"),
                "{given}: {error}"
            );
        }
    }

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        for (given, shown) in [
            ("redis://localhost", "redis://localhost"),
            (
                "rediss://perk:s3c@ret@[::1]:6379/2",
                "rediss://…@[::1]:6379/2",
            ),
            (
                "redis-cluster://a:1?node=b:2",
                "redis-cluster://a:1?node=b:2",
            ),
            (
                "redis-sentinel://x:y@a:1?sentinelPassword=z&sentinelServiceName=m",
                "redis-sentinel://…@a:1?sentinelPassword=…&sentinelServiceName=m",
            ),
        ] {
            let url: RedisUrl = given.parse().unwrap();
            assert_eq!(format!("{url} {url:?}"), format!("{shown} {shown}"));
        }
        let told = "error: 'redis://:a@b' and \"http://c:d@e/f\" for ann@example";
        let shown = "error: 'redis://…@b' and \"http://…@e/f\" for ann@example";
        assert_eq!(without_secrets(told), shown);
    }

    #[test]
    fn a_key_is_digits_or_bytes() {
        let digits = "0123456789abcdefABCDEF9876543210".repeat(2);
        let key = key_of(digits.as_bytes()).unwrap();
        assert_eq!(key[..4], [0x01, 0x23, 0x45, 0x67]);
        assert_eq!(key_of(format!("{digits}\n").as_bytes()), Some(key));
        assert_eq!(key_of(&[7; 32]), Some([7; 32]));
        for wrong in ["", "0123", &digits[1..], &digits.replace('a', "g")] {
            assert_eq!(key_of(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
