//! A plain TCP balancer before gateways: in turn, and the next one where a connection is refused.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::lock;

/// A balancer on an address of its own.
pub(crate) struct Balancer {
    url: String,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    gateways: Mutex<Vec<SocketAddr>>,
    turn: AtomicUsize,
}

impl Balancer {
    /// One that has nobody behind it yet.
    pub(crate) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::<Shared>::default();
        let serving = tokio::spawn(serve(listener, shared.clone()));
        Ok(Self {
            url,
            shared,
            serving,
        })
    }

    /// What clients connect to.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Who is behind it from now on.
    pub(crate) fn set(&self, gateways: Vec<SocketAddr>) {
        *lock(&self.shared.gateways) = gateways;
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((client, _)) = accepted {
                connections.spawn(connection(client, shared.clone()));
            },
            _ended = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn connection(mut client: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    let gateways = lock(&shared.gateways).clone();
    let first = shared.turn.fetch_add(1, Ordering::Relaxed);
    for at in 0..gateways.len() {
        let gateway = gateways[(first + at) % gateways.len()];
        let Ok(mut gateway) = TcpStream::connect(gateway).await else {
            continue;
        };
        client.set_nodelay(true)?;
        gateway.set_nodelay(true)?;
        tokio::io::copy_bidirectional(&mut client, &mut gateway).await?;
        return Ok(());
    }
    Ok(())
}
