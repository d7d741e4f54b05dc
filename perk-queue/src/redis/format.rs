//! What is written in Redis, with a version: readers take the present one and the one before it.

use bytes::Bytes;
use perk_core::{Cluster, Dialect, PoolName, Priority, WorkerStatus};
use serde::{Deserialize, Serialize};

/// The present version of everything that is written here.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Status {
    v: u32,
    pool: PoolName,
    cluster: Option<ClusterSeen>,
    running: usize,
    draining: bool,
}

#[derive(Serialize, Deserialize)]
struct ClusterSeen {
    origin: String,
    dialect: Dialect,
    version: String,
}

pub(super) fn write_status(status: &WorkerStatus) -> Bytes {
    let status = Status {
        v: VERSION,
        pool: status.pool.clone(),
        cluster: status.cluster.as_ref().map(|cluster| ClusterSeen {
            origin: cluster.origin.clone(),
            dialect: cluster.dialect,
            version: cluster.version.clone(),
        }),
        running: status.running,
        draining: status.draining,
    };
    Bytes::from(serde_json::to_vec(&status).expect("names and numbers can be written"))
}

pub(super) fn read_status(text: &str) -> Result<WorkerStatus, String> {
    let status: Status = versioned(text)?;
    Ok(WorkerStatus {
        pool: status.pool,
        cluster: status.cluster.map(|cluster| Cluster {
            origin: cluster.origin,
            dialect: cluster.dialect,
            version: cluster.version,
        }),
        running: status.running,
        draining: status.draining,
    })
}

/// A priority's number, by which they are served in order.
pub(super) fn priority_number(priority: Priority) -> u8 {
    match priority {
        Priority::High => 0,
        Priority::Normal => 1,
        Priority::Low => 2,
    }
}

pub(super) fn priority(number: u8) -> Option<Priority> {
    let all = [Priority::High, Priority::Normal, Priority::Low];
    all.into_iter()
        .find(|priority| priority_number(*priority) == number)
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// Reads what this version or the one before it wrote.
fn versioned<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, String> {
    let Version { v } = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if v > VERSION {
        return Err(format!(
            "it was written by a newer Perk (format {v}; this one reads up to {VERSION}): upgrade this one too"
        ));
    }
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Bytes as hex digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// A deployment's key, which is written in hex digits.
pub(super) fn read_key(text: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What version 1 wrote: readers must take it for as long as version 2 is the present one.
    const STATUS_1: &str = r#"{"v":1,"pool":"etl","cluster":{"origin":"http://presto:8080","dialect":"presto","version":"0.287"},"running":3,"draining":true}"#;

    #[test]
    fn a_status_is_read_as_it_was_written() {
        let status = read_status(STATUS_1).unwrap();
        assert_eq!((status.pool.as_str(), status.running), ("etl", 3));
        assert!(status.draining);
        assert_eq!(write_status(&status), STATUS_1);
    }

    #[test]
    fn what_a_newer_perk_wrote_says_what_to_do() {
        let newer = STATUS_1.replace("\"v\":1", "\"v\":7");
        let error = read_status(&newer).unwrap_err();
        assert!(error.contains("newer Perk (format 7"), "{error}");
    }

    #[test]
    fn keys_are_read_as_they_were_written() {
        let key = std::array::from_fn(|at| u8::try_from(at * 7).unwrap());
        assert_eq!(read_key(&hex(&key)), Some(key));
        assert_eq!(read_key("12"), None);
        assert_eq!(read_key(&"+1".repeat(32)), None);
    }
}
