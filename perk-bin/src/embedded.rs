//! The engine inside this process, where it was built in.

use crate::backend::Backend;

/// What a new user may name without naming it: in this catalog and schema are tables.
pub(crate) const CATALOG_AND_SCHEMA: [&str; 2] = ["tpch", "tiny"];

/// A cluster that is this process.
#[cfg(feature = "embedded")]
pub(crate) fn backend() -> anyhow::Result<Backend> {
    use anyhow::Context;
    use perk_embedded::{EmbeddedConfig, EmbeddedEngine};

    let engine = EmbeddedEngine::new(EmbeddedConfig::default());
    let engine = engine.context("the embedded engine cannot start")?;
    Ok(Backend {
        provisioner: std::sync::Arc::new(engine.clone()),
        executor: std::sync::Arc::new(engine),
    })
}

/// Says what to do instead.
#[cfg(not(feature = "embedded"))]
pub(crate) fn backend() -> anyhow::Result<Backend> {
    anyhow::bail!(
        "this perk was built without its embedded engine (cargo feature `embedded`); name a server: \
         `perk serve --cluster URL`, `perk query --server URL`"
    )
}
