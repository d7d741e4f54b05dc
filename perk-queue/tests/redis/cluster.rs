//! Redis Cluster: three masters.

use perk_core::{Random, Rerunnable};
use perk_queue::{Redis, RedisConfig};

use crate::round::Processes;
use crate::server::{Server, free_port, until};

const NODES: u16 = 3;
const SLOTS: u16 = 16384;

/// Nodes that know each other and serve all slots between them.
async fn nodes() -> Option<Vec<Server>> {
    let settings = |_| {
        let bus = free_port().expect("a port is free");
        format!("cluster-enabled yes\ncluster-port {bus}\n")
    };
    let nodes: Vec<_> = (0..NODES)
        .map(|_| Server::with(settings))
        .collect::<Option<_>>()?;
    let bus = |node: &Server| {
        let answer = node.send(&["CONFIG", "GET", "cluster-port"]);
        answer.lines().nth(4).unwrap_or_default().to_owned()
    };
    for (number, node) in (0..).zip(&nodes) {
        let (from, to) = (SLOTS / NODES * number, SLOTS / NODES * (number + 1) - 1);
        let to = if number + 1 == NODES { SLOTS - 1 } else { to };
        let (from, to, epoch) = (from.to_string(), to.to_string(), (number + 1).to_string());
        let port = node.port().to_string();
        for command in [
            &["CLUSTER", "SET-CONFIG-EPOCH", &epoch][..],
            &["CLUSTER", "ADDSLOTSRANGE", &from, &to],
        ] {
            let answer = node.send(command);
            assert!(answer.starts_with("+OK"), "{command:?}: {answer}");
        }
        let meet = ["CLUSTER", "MEET", "127.0.0.1", &port, &bus(node)];
        assert!(nodes[0].send(&meet).starts_with("+OK"));
    }
    until("the nodes are a cluster", || {
        nodes.iter().all(|node| {
            let info = node.send(&["CLUSTER", "INFO"]);
            info.contains("cluster_state:ok") && info.contains("cluster_size:3")
        })
    })
    .await;
    Some(nodes)
}

#[tokio::test]
async fn queries_live_on_all_nodes() {
    let Some(nodes) = nodes().await else { return };
    let processes = Processes::over(&nodes[0].config_as("redis-cluster", "")).await;
    for number in 0..8 {
        let rerunnable = [Rerunnable::No, Rerunnable::Yes][number % 2];
        let name = format!("q{number}");
        processes.round(&name, rerunnable).await.unwrap();
    }
    for node in &nodes {
        assert!(node.info("cmdstat_evalsha:calls") > 0, "a node has nothing");
    }
}

#[tokio::test]
async fn replicas_are_not_waited_for_in_a_cluster() {
    let config = RedisConfig {
        replicas: 1,
        ..RedisConfig::new("redis-cluster://127.0.0.1:1")
    };
    let connected = Redis::connect(config, Random::system()).await;
    let error = connected.expect_err("it is refused").to_string();
    assert!(error.contains("not in a cluster"), "{error}");
}
