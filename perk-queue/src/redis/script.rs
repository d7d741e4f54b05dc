//! Scripts that Redis runs: each does one thing to one slot's keys, wholly or not at all.

use std::sync::OnceLock;

use bytes::Bytes;
use sha1::{Digest, Sha1};

use super::format::hex;

/// What all scripts begin with.
const COMMON: &str = include_str!("lua/common.lua");

/// A script, made of the parts its like share and its own.
#[derive(Debug)]
pub(super) struct Script {
    /// What it is called in errors.
    pub(super) name: &'static str,
    shared: &'static str,
    own: &'static str,
    memory: Memory,
    compiled: OnceLock<(String, String)>,
}

/// What a script does when Redis has reached its `maxmemory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Memory {
    /// It is refused: it stores what somebody can be told to bring again.
    Takes,
    /// It runs: it stores next to nothing, and without it nothing would ever be freed.
    Frees,
}

impl Script {
    pub(super) const fn new(
        name: &'static str,
        memory: Memory,
        shared: &'static str,
        own: &'static str,
    ) -> Self {
        Self {
            name,
            shared,
            own,
            memory,
            compiled: OnceLock::new(),
        }
    }

    /// Its text, and the name by which Redis knows it once it has run.
    pub(super) fn compiled(&self) -> (&str, &str) {
        let (text, hash) = self.compiled.get_or_init(|| {
            let flags = match self.memory {
                Memory::Takes => "",
                Memory::Frees => " flags=allow-oom",
            };
            let text = format!("#!lua{flags}\n{COMMON}{}{}", self.shared, self.own);
            let hash = hex(&Sha1::digest(&text));
            (text, hash)
        });
        (text, hash)
    }
}

/// Makes scripts of files in a folder of `lua/`, each over what is shared there.
macro_rules! scripts {
    ($folder:literal: $($constant:ident $name:literal $memory:ident;)*) => {
        /// How Redis knows each of these, and the file it is made of.
        pub(in crate::redis) fn script_names() -> Vec<(String, &'static str)> {
            vec![$(($constant.compiled().1.to_owned(), concat!($folder, "/", $name)),)*]
        }
        $(
            static $constant: $crate::redis::script::Script = $crate::redis::script::Script::new(
                $name,
                $crate::redis::script::Memory::$memory,
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/redis/lua/", $folder, "/shared.lua")),
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/redis/lua/", $folder, "/", $name, ".lua")),
            );
        )*
    };
}
pub(super) use scripts;

/// What a script is given.
pub(super) fn text(argument: &(impl ToString + ?Sized)) -> Bytes {
    Bytes::from(argument.to_string())
}
