//! Without a server or a cluster: all of Perk in one process, over the engine inside it.

use crate::command::run;
use crate::support::Perk;

#[test]
fn a_query_without_a_server_is_answered() {
    let sql = "SELECT name, regionkey FROM nation WHERE nationkey < 2 ORDER BY nationkey";
    let done = run(&["query", "--output", "csv", sql]);
    done.assert_code(0).assert_told("");
    assert_eq!(done.stdout, "name,regionkey\nALGERIA,0\nARGENTINA,1\n");
}

#[test]
fn other_schemas_are_reached() {
    let count = "SELECT count(*) AS n FROM supplier";
    for (arguments, rows) in [
        (vec!["query", "--output", "csv", count], "100"),
        (
            vec!["query", "--schema", "sf1", "--output", "csv", count],
            "10000",
        ),
    ] {
        let done = run(&arguments);
        done.assert_code(0);
        assert_eq!(done.stdout, format!("n\n{rows}\n"));
    }
}

#[test]
fn several_statements_see_the_same_tables() {
    let sql = "CREATE TABLE memory.default.t AS SELECT 1 AS x; \
               INSERT INTO memory.default.t VALUES 2, 3; \
               SELECT sum(x) AS s FROM memory.default.t";
    let done = run(&["query", "--output", "csv", sql]);
    done.assert_code(0);
    assert!(done.stdout.ends_with("s\n6\n"), "{done:?}");
}

#[test]
fn a_mistake_is_told_with_its_place() {
    let done = run(&["query", "SELECT nam FROM nation"]);
    done.assert_code(1);
    done.assert_told("Query failed: COLUMN_NOT_FOUND: line 1:8: Column 'nam' cannot be resolved");
}

#[test]
fn serve_without_a_cluster_answers_both_dialects() {
    let perk = Perk::start_embedded(&[]).expect("perk starts");
    for prefix in ["X-Presto-", "X-Trino-"] {
        let answer = crate::support::run(
            perk.url(),
            prefix,
            "tpch",
            "tiny",
            "SELECT count(*) FROM nation",
        );
        let answer = answer.expect("an answer");
        assert_eq!(answer.rows, [vec![serde_json::json!(25)]], "{prefix}");
    }
    assert!(perk.stop().is_some(), "it drains: {}", perk.log());
}
