//! What `perk query` prints, and its exit codes.

use perk_protocol::testsuite::{Flavor, Mode, ScriptedCoordinator};

use super::command::{self, Done};
use super::{FLAVORS, query, serve, wire};

fn run(server: &str, sql: &str) -> Done {
    command::run(&query(server, sql))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_are_printed_as_asked() {
    let sql = "SELECT * FROM t /*script rows=2 cell=2 nested=1*/";
    let (table, csv, json) = (
        " k | v  | a     | m       | r       \n---+----+-------+---------+---------\n 0 | ad | [0,1] | {\"x\":0} | [0,\"q\"]\n 1 | hk | [1,2] | {\"x\":1} | [1,\"q\"]\n(2 rows)\n",
        "k,v,a,m,r\n0,ad,\"[0,1]\",\"{\"\"x\"\":0}\",\"[0,\"\"q\"\"]\"\n1,hk,\"[1,2]\",\"{\"\"x\"\":1}\",\"[1,\"\"q\"\"]\"\n",
        "{\"k\":0,\"v\":\"ad\",\"a\":[0,1],\"m\":{\"x\":0},\"r\":[0,\"q\"]}\n{\"k\":1,\"v\":\"hk\",\"a\":[1,2],\"m\":{\"x\":1},\"r\":[1,\"q\"]}\n",
    );
    // Whatever the cluster speaks: through Perk nested values come as Trino writes them.
    for flavor in FLAVORS {
        let (coordinator, perk) = serve(flavor, &[]).await;
        for (output, expected) in [("table", table), ("csv", csv), ("json", json)] {
            let mut arguments = query(perk.url(), sql);
            arguments.extend(["--output", output]);
            let done = command::run(&arguments);
            done.assert_code(0).assert_told("");
            assert_eq!(done.stdout, expected, "{output} from {flavor:?}");
        }
        coordinator.seen().assert_clean();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_gives_no_rows_says_what_it_did() {
    let (_coordinator, perk) = serve(Flavor::Presto, &[]).await;
    for (script, table, csv) in [
        ("update=INSERT count=3", "INSERT: 3 rows\n", ""),
        ("update=DROP_TABLE", "DROP TABLE\n", ""),
        ("rows=0", " k | v \n---+---\n(0 rows)\n", "k,v\n"),
    ] {
        let sql = format!("DO IT /*script {script}*/;");
        let done = run(perk.url(), &sql);
        done.assert_code(0).assert_told("");
        assert_eq!(done.stdout, table, "{script}");
        let mut arguments = query(perk.url(), &sql);
        arguments.extend(["--output", "csv"]);
        assert_eq!(command::run(&arguments).assert_code(0).stdout, csv);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_go_to_standard_error_with_name_message_and_position() {
    for flavor in FLAVORS {
        let (coordinator, perk) = serve(flavor, &[]).await;
        for (script, told) in [
            (
                "error=COLUMN_NOT_FOUND at=3:9 early=1",
                "Query failed: COLUMN_NOT_FOUND: line 3:9: scripted COLUMN_NOT_FOUND",
            ),
            (
                "error=DIVISION_BY_ZERO at=0:0",
                "Query failed: DIVISION_BY_ZERO: scripted DIVISION_BY_ZERO",
            ),
        ] {
            // Through Perk as from the server itself.
            for server in [perk.url(), coordinator.url()] {
                let done = run(server, &format!("SELECT x /*script {script}*/"));
                done.assert_code(1).assert_told(told);
                assert_eq!(done.stdout, "", "{script}");
            }
        }
        // Perk's own errors look the same, and rows that came before are no reason to exit with 0.
        let mut arguments = query(
            perk.url(),
            "SELECT x /*script pages=3 rows=10000 cell=100 html=4*/",
        );
        arguments.extend(["--output", "csv"]);
        let done = command::run(&arguments);
        done.assert_code(1);
        let told = format!(
            "Query failed: PERK_BAD_CLUSTER_ANSWER: the cluster at {} ",
            coordinator.url()
        );
        assert!(done.stderr.starts_with(&told), "{}", done.stderr);
        assert!(done.stdout.starts_with("k,v\n0,"), "{done:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_statement_that_fails_is_the_last() {
    let (coordinator, perk) = serve(Flavor::Trino, &[]).await;
    let sql = "SELECT 'first' /*script header=Set-Catalog:chosen*/; SELECT 'second ;' -- ;\n; \
               SELECT 'third' /*script error=SYNTAX_ERROR early=1*/; SELECT 'fourth'";
    let done = run(perk.url(), sql);
    done.assert_code(1)
        .assert_told("Query failed: SYNTAX_ERROR: line 1:8: scripted SYNTAX_ERROR");
    let seen = coordinator.seen();
    let begun = ["first", "second", "third", "fourth"].map(|part| seen.begun_of(part));
    assert_eq!(begun, [1, 1, 1, 0]);
    let second = seen.requests.iter().find(|request| {
        let sql = request.sql.as_deref().unwrap_or_default();
        sql.contains("second")
    });
    let catalog = second.and_then(|request| request.header("x-trino-catalog"));
    assert_eq!(catalog, Some("chosen"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_told() {
    let reserved = wire::nobody();
    let nobody = format!("http://{}", reserved.local_addr().unwrap());
    let told = format!("perk: {nobody} cannot be reached: connection refused");
    let done = run(&nobody, "SELECT 1");
    done.assert_code(1).assert_told(&told);

    let coordinator = ScriptedCoordinator::start(Flavor::Trino).await;
    coordinator.set_mode(Mode::Answering(404));
    let done = run(coordinator.url(), "SELECT 1");
    done.assert_code(1)
        .assert_told("perk: the server answered 404 Not Found: scripted status");
}

#[test]
fn wrong_arguments_say_what_is_wrong() {
    let server = "http://127.0.0.1:1";
    for (arguments, code, told) in [
        (&["query", "--server"][..], 2, "--server <URL>"),
        (&["query", "--server", server], 2, "<SQL>"),
        (
            &["query", "--server", "127.0.0.1:1", "SELECT 1"],
            2,
            "it must begin with http://",
        ),
        (
            &["query", "--server", server, "--output", "xml", "SELECT 1"],
            2,
            "[possible values: table, csv, json]",
        ),
        (
            &["query", "--server", server, " ;; -- nothing\n"],
            1,
            "perk: there is no statement to run",
        ),
        (&["frobnicate"], 2, "unrecognized subcommand 'frobnicate'"),
    ] {
        let done = command::run(arguments);
        done.assert_code(code);
        assert!(done.stderr.contains(told), "{done:#?}");
        assert_eq!(done.stdout, "");
    }
}
