//! The catalogs that an engine has.

use std::sync::Arc;

use super::information_schema::WithInformationSchema;
use super::memory::Memory;
use super::system::System;
use super::tpch::TpchCatalog;
use super::{Catalog, Catalogs};

/// All of them, in the order of their names; nothing is in `memory`, which has room for that many bytes.
pub(crate) fn catalogs(memory: usize) -> Catalogs {
    let memory = with_information(Memory::new("memory", memory));
    let tpch = with_information(TpchCatalog);
    let system = with_information(System::new(vec![memory.clone(), tpch.clone()]));
    Catalogs(vec![memory, system, tpch])
}

pub(super) fn with_information(catalog: impl Catalog + 'static) -> Arc<dyn Catalog> {
    Arc::new(WithInformationSchema(Arc::new(catalog)))
}
