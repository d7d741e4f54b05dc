//! How Perk talks Presto, on both sides.
//!
//! | room | what is in it |
//! |---|---|
//! | [`PrestoService`], [`serve`] | the server: a tower service in front of a [`Gateway`](perk_core::Gateway) |
//! | [`PrestoExecutor`] | runs statements on real coordinators, passing pages on as bytes |
//! | [`StaticProvisioner`] | a cluster by its address: probed, watched |
//! | [`StatementClient`], [`HttpClient`] | the client's side, for programs that want rows |
//! | [`Crossing`] | pages of one dialect's cluster for the other dialect's client |
//! | `testsuite` | a scripted coordinator (feature `testsuite`) |

mod client;
mod crossing;
mod executor;
mod provisioner;
mod server;
#[cfg(any(test, feature = "testsuite"))]
pub mod testsuite;
mod wire;

pub use client::{
    ClientLimits, ExchangeError, HttpAnswer, HttpClient, InvalidOrigin, Origin, StatementClient,
    StatementError, StatementPage,
};
pub use crossing::{Crossing, CrossingError, Reader};
pub use executor::{ExecutorConfig, PrestoExecutor};
pub use provisioner::{ProbeConfig, StaticProvisioner};
pub use server::{
    AnswerBody, InvalidExternalUrl, LateService, PeerAddress, PrestoService, PublicAddress,
    ServerConfig, serve,
};
