//! A gateway behind an address.

use std::net::SocketAddr;

use anyhow::Context;
use perk_core::Gateway;
use perk_protocol::{LateService, PrestoService, ServerConfig};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Listens, and answers 503 until it has a gateway. Dropped, it stops in the background.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    service: LateService,
    task: JoinHandle<()>,
    stop: oneshot::Sender<()>,
    housekeeping: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(listener: TcpListener) -> anyhow::Result<Self> {
        let address = listener
            .local_addr()
            .context("the own address is unknown")?;
        let service = LateService::default();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(perk_protocol::serve(listener, service.clone(), async {
            let _ = stopped.await;
        }));
        Ok(Self {
            address,
            service,
            task,
            stop,
            housekeeping: None,
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves this gateway from now on, and keeps house.
    pub(crate) fn begin(&mut self, gateway: Gateway, config: ServerConfig) {
        let service = PrestoService::new(gateway.clone(), config);
        self.service.begin(service);
        self.housekeeping = Some(tokio::spawn(async move { gateway.keep_house().await }));
    }

    /// Takes no more connections, answers what is under way, and ends.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        if let Some(housekeeping) = self.housekeeping {
            housekeeping.abort();
        }
        let _ = self.stop.send(());
        self.task.await.context("the server ended abnormally")
    }
}

/// An address as a client on the same machine writes it.
pub(crate) fn local_url(address: SocketAddr) -> String {
    let host = match address.ip() {
        ip if ip.is_unspecified() => "localhost".to_owned(),
        ip if ip.is_ipv6() => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    format!("http://{host}:{}", address.port())
}
