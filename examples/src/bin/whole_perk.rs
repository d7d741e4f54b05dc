//! Gateway, worker and HTTP server in a program of one's own, without the `perk` binary.
//!
//! `PrestoService` is a tower service: it can as well be mounted in a server that the program has already.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use perk_protocol::{PrestoService, ProbeConfig, ServerConfig, StaticProvisioner, serve};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let cluster = std::env::args()
        .nth(1)
        .ok_or("give a coordinator's address, like http://localhost:8080")?;
    let provisioner = Arc::new(StaticProvisioner::new(
        cluster.parse()?,
        ProbeConfig::default(),
    ));
    let (gateway, mut worker) = perk_examples::perk_over(provisioner).await?;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let service = PrestoService::new(gateway.clone(), ServerConfig::default());
    let interrupted = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    tokio::select! {
        () = serve(listener, service, interrupted) => {}
        // Absent clients and lost workers are looked after for ever.
        () = gateway.keep_house() => {}
    }
    worker.drain(Duration::from_secs(30));
    worker.stopped().await;
    Ok(())
}
