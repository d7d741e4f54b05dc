//! Checksums and hashes.

use md5::Md5;
use sha2::{Digest, Sha256, Sha512};

use super::sha1::sha1;
use super::xxhash::xxhash64;
use crate::function::cell::{Bigint, Bytes, each1, each2};
use crate::function::{Function, function};

pub(super) fn functions() -> Vec<Function> {
    vec![
        hash("md5", "Compute md5 hash", md5),
        hash("sha1", "Compute sha1 hash", sha1),
        hash("sha256", "Compute sha256 hash", sha256),
        hash("sha512", "Compute sha512 hash", sha512),
        hash("xxhash64", "Compute xxhash64 hash", |bytes| {
            xxhash64(bytes).to_be_bytes().to_vec()
        }),
        hmac("hmac_md5", "Compute HMAC with MD5", md5, 64),
        hmac("hmac_sha1", "Compute HMAC with SHA1", sha1, 64),
        hmac("hmac_sha256", "Compute HMAC with SHA256", sha256, 64),
        hmac("hmac_sha512", "Compute HMAC with SHA512", sha512, 128),
        number("crc32", "Compute CRC-32", |bytes| i64::from(crc32(bytes))),
        number("fnv1_32", "Compute fnv-1 32 bit", |bytes| {
            i64::from(fnv32(bytes, |hash, byte| hash.wrapping_mul(FNV32) ^ byte))
        }),
        number("fnv1a_32", "Compute fnv-1a 32 bit", |bytes| {
            i64::from(fnv32(bytes, |hash, byte| (hash ^ byte).wrapping_mul(FNV32)))
        }),
        number("fnv1_64", "Compute fnv-1 64 bit", |bytes| {
            fnv64(bytes, |hash, byte| hash.wrapping_mul(FNV64) ^ byte)
        }),
        number("fnv1a_64", "Compute fnv-1a 64 bit", |bytes| {
            fnv64(bytes, |hash, byte| (hash ^ byte).wrapping_mul(FNV64))
        }),
    ]
}

type Hash = fn(&[u8]) -> Vec<u8>;

fn hash(name: &'static str, description: &'static str, work: Hash) -> Function {
    function(name, description).form(
        "varbinary -> varbinary",
        each1::<Bytes, Bytes>(move |bytes| Ok(work(bytes))),
    )
}

fn number(name: &'static str, description: &'static str, work: fn(&[u8]) -> i64) -> Function {
    function(name, description).form(
        "varbinary -> bigint",
        each1::<Bytes, Bigint>(move |bytes| Ok(work(bytes))),
    )
}

/// RFC 2104, over a hash that works by blocks of that size.
fn hmac(name: &'static str, description: &'static str, hash: Hash, block: usize) -> Function {
    let work = move |bytes: &[u8], key: &[u8]| {
        let mut key = if key.len() > block {
            hash(key)
        } else {
            key.to_vec()
        };
        key.resize(block, 0);
        let masked = |mask: u8| -> Vec<u8> { key.iter().map(|byte| byte ^ mask).collect() };
        let inner = hash(&[&masked(0x36), bytes].concat());
        hash(&[masked(0x5C), inner].concat())
    };
    function(name, description).form(
        "varbinary, varbinary -> varbinary",
        each2::<Bytes, Bytes, Bytes>(move |bytes, key| Ok(work(bytes, key))),
    )
}

fn md5(bytes: &[u8]) -> Vec<u8> {
    Md5::digest(bytes).to_vec()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

fn sha512(bytes: &[u8]) -> Vec<u8> {
    Sha512::digest(bytes).to_vec()
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

const FNV32: u32 = 0x0100_0193;
const FNV64: u64 = 0x0100_0000_01B3;

fn fnv32(bytes: &[u8], step: fn(u32, u32) -> u32) -> i32 {
    let bytes = bytes.iter().map(|byte| u32::from(*byte));
    bytes.fold(0x811C_9DC5, step).cast_signed()
}

fn fnv64(bytes: &[u8], step: fn(u64, u64) -> u64) -> i64 {
    let bytes = bytes.iter().map(|byte| u64::from(*byte));
    bytes.fold(0xCBF2_9CE4_8422_2325, step).cast_signed()
}
