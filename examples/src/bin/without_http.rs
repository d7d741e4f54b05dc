//! A statement submitted to a gateway value, its rows read as bytes: what a service does that speaks another protocol.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use perk_core::{Dialect, Next, PostAnswer, Statement};
use perk_protocol::{ProbeConfig, StaticProvisioner};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "give a coordinator's address and a statement";
    let (cluster, sql) = (
        arguments.next().ok_or(usage)?,
        arguments.next().ok_or(usage)?,
    );
    let provisioner = Arc::new(StaticProvisioner::new(
        cluster.parse()?,
        ProbeConfig::default(),
    ));
    let (gateway, mut worker) = perk_examples::perk_over(provisioner).await?;

    let statement = Statement::new(Dialect::Trino, "example", &sql);
    let mut answer = gateway.submit(statement, PostAnswer::MayHoldRows).await?;
    loop {
        for rows in answer
            .reading
            .pages
            .iter()
            .filter_map(|page| page.rows.as_ref())
        {
            println!("{}", String::from_utf8_lossy(rows));
        }
        match answer.reading.next {
            Next::Token(token) => {
                let slug = gateway.slug(&answer.id, token);
                answer = gateway.poll(&answer.id, token, slug.as_str()).await?;
            }
            Next::End(ending) => {
                println!("{:?}", ending.outcome);
                break;
            }
        }
    }
    worker.drain(Duration::from_secs(30));
    worker.stopped().await;
    Ok(())
}
