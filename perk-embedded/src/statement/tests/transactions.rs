//! Transactions that are begun and ended, and what is refused in them.

use serde_json::json;

use super::Client;

const STOPPED: (&str, &str) = (
    "TRANSACTION_ALREADY_ABORTED",
    "Current transaction is aborted, commands ignored until end of transaction block",
);

impl Client {
    /// Which transaction the client is in.
    fn transaction(&self) -> Option<&str> {
        let mut ids = self.headers.iter().rev();
        let (_, id) = ids.find(|(name, _)| name == "Transaction-Id")?;
        Some(id)
    }

    #[track_caller]
    fn fails(&mut self, sql: &str, (name, message): (&str, &str)) {
        assert_eq!(self.error(sql), (name.into(), message.into()), "{sql}");
    }
}

#[test]
fn a_transaction_begins_and_ends() {
    for end in ["COMMIT", "ROLLBACK", "commit work", "ROLLBACK WORK"] {
        let mut client = Client::new();
        let begun = client.ask("START TRANSACTION").unwrap();
        assert_eq!(begun.update_type.as_deref(), Some("START TRANSACTION"));
        assert_eq!(begun.rows, [json!([true])]);
        let id = client.transaction().unwrap().to_owned();
        assert!(uuid::Uuid::parse_str(&id).is_ok(), "{id}");
        assert_eq!(client.rows("SELECT count(*) FROM nation"), json!([[25]]));
        client.rows("USE tpch.sf1");
        client.rows("PREPARE q FROM SELECT 2");
        assert_eq!(client.rows("EXECUTE q"), json!([[2]]));
        let ended = client.ask(end).unwrap();
        let kind = end.split(' ').next().unwrap().to_uppercase();
        assert_eq!(ended.update_type, Some(kind), "{end}");
        assert_eq!(ended.rows, [json!([true])]);
        assert_eq!(client.transaction(), Some("NONE"));
        client.fails(end, ("NOT_IN_TRANSACTION", "No transaction in progress"));
        client.set("Transaction-Id", &id);
        let message = format!(
            "Unknown transaction ID: {id}. Possibly expired? Commands ignored until end of transaction block"
        );
        client.fails("SELECT 1", ("UNKNOWN_TRANSACTION", &message));
        client.fails("COMMIT", ("UNKNOWN_TRANSACTION", &message));
        assert_eq!(client.transaction(), Some("NONE"));
        client.set("Transaction-Id", &id);
        client.rows("ROLLBACK");
        assert_eq!(client.transaction(), Some("NONE"));
    }
    // Trino's clients are told with no row.
    let mut client = Client::of_trino();
    for (sql, header) in [
        ("START TRANSACTION", "Started-Transaction-Id"),
        ("COMMIT", "Clear-Transaction-Id"),
    ] {
        let done = client.ask(sql).unwrap();
        assert_eq!((done.rows, done.columns), (vec![], vec![]));
        assert_eq!(done.headers[0].0, header);
    }
}

#[test]
fn a_transaction_has_modes() {
    let mut client = Client::new();
    for modes in [
        "ISOLATION LEVEL SERIALIZABLE",
        "ISOLATION LEVEL REPEATABLE READ",
        "ISOLATION LEVEL READ COMMITTED",
        "isolation level read uncommitted",
        "READ ONLY",
        "READ WRITE;",
        "READ ONLY, ISOLATION LEVEL SERIALIZABLE",
    ] {
        client.rows(&format!("START TRANSACTION {modes}"));
        client.rows("SELECT count(*) FROM nation");
        client.rows("COMMIT");
    }
    let twice = "Multiple transaction read modes specified";
    for (modes, message) in [
        ("READ ONLY, READ WRITE", twice),
        ("READ ONLY, ISOLATION LEVEL SERIALIZABLE, READ ONLY", twice),
        (
            "READ ONLY, READ ONLY, ISOLATION LEVEL READ COMMITTED, ISOLATION LEVEL SERIALIZABLE",
            "Multiple transaction isolation levels specified",
        ),
        (
            "x",
            "line 1:19: mismatched input 'x'. Expecting: 'ISOLATION', 'READ', <EOF>",
        ),
        (
            "READ",
            "mismatched input '<EOF>'. Expecting: 'ONLY', 'WRITE'",
        ),
        (
            "READ ONLY,",
            "mismatched input '<EOF>'. Expecting: 'ISOLATION', 'READ'",
        ),
        (
            "READ ONLY ISOLATION LEVEL SERIALIZABLE",
            "line 1:29: mismatched input 'ISOLATION'. Expecting: ',', <EOF>",
        ),
        (
            "ISOLATION LEVEL REPEATABLE",
            "mismatched input '<EOF>'. Expecting: 'READ'",
        ),
    ] {
        client.fails(
            &format!("START TRANSACTION {modes}"),
            ("SYNTAX_ERROR", message),
        );
    }
    for (sql, message) in [
        (
            "START",
            "mismatched input '<EOF>'. Expecting: 'TRANSACTION'",
        ),
        (
            "COMMIT x",
            "line 1:8: mismatched input 'x'. Expecting: 'WORK', <EOF>",
        ),
        (
            "ROLLBACK WORK x",
            "line 1:15: mismatched input 'x'. Expecting: <EOF>",
        ),
    ] {
        client.fails(sql, ("SYNTAX_ERROR", message));
    }
    // What is not begun is only told.
    let told = client.rows("EXPLAIN START TRANSACTION READ ONLY, READ WRITE");
    assert_eq!(told, json!([["START TRANSACTION READ ONLY, READ WRITE"]]));
    client.rows("PREPARE start FROM START TRANSACTION");
    assert_eq!(client.transaction(), Some("NONE"));
    client.rows("EXECUTE start");
    client.rows("PREPARE finish FROM COMMIT");
    client.rows("EXECUTE finish");
    assert_eq!(client.transaction(), Some("NONE"));
}

#[test]
fn a_failure_aborts_a_transaction() {
    for failing in [
        "SELECT nosuch",
        "SELECT 1 / (nationkey - 5) FROM nation",
        "USE nosuch.x",
        "SHOW TABLES FROM nosuch",
        "START TRANSACTION",
        "CALL tpch.tiny.nosuch()",
    ] {
        for end in ["ROLLBACK", "COMMIT"] {
            let mut client = Client::new();
            client.rows("START TRANSACTION");
            client.error(failing);
            for refused in ["SELECT 1", "SHOW CATALOGS", "USE tpch.tiny"] {
                client.fails(refused, STOPPED);
            }
            if end == "ROLLBACK" {
                client.rows(end);
            } else {
                let message = "Current transaction has already been aborted";
                client.fails(end, (STOPPED.0, message));
            }
            assert_eq!(client.transaction(), Some("NONE"), "{failing} {end}");
            client.rows("SELECT 1");
        }
    }
}

#[test]
fn what_cannot_be_read_aborts_nothing() {
    let mut client = Client::new();
    client.rows("PREPARE one FROM SELECT ?");
    client.rows("START TRANSACTION");
    for failing in [
        "SELEC 1",
        "EXECUTE nosuch",
        "EXECUTE one",
        "SELECT ?",
        "START",
    ] {
        client.error(failing);
        client.rows("SELECT 1");
    }
    client.rows("COMMIT");
}

#[test]
fn who_knows_no_transactions_begins_none() {
    let mut client = Client::new();
    client.headers.retain(|(name, _)| name != "Transaction-Id");
    let message = "Client does not support transactions";
    client.fails("START TRANSACTION", ("INCOMPATIBLE_CLIENT", message));
    client.fails(
        "COMMIT",
        ("NOT_IN_TRANSACTION", "No transaction in progress"),
    );
    client.rows("SELECT 1");
}

/// Presto's `memory` takes them, and keeps them when they are rolled back.
#[test]
fn nothing_is_written_in_a_transaction() {
    const ALONE: (&str, &str) = (
        "AUTOCOMMIT_WRITE_CONFLICT",
        "Catalog only supports writes using autocommit: memory",
    );
    const READ_ONLY: (&str, &str) = (
        "READ_ONLY_VIOLATION",
        "Cannot execute write in a read-only transaction",
    );
    let mut client = Client::new();
    client.rows("USE memory.default");
    client.rows("CREATE TABLE t AS SELECT 1 x");
    let mut fails = |modes: &str, sql: &str, error: (&str, &str)| {
        client.rows(&format!("START TRANSACTION {modes}"));
        client.fails(sql, error);
        client.rows("ROLLBACK");
    };
    for sql in [
        "INSERT INTO t VALUES 2",
        "CREATE TABLE n (x bigint)",
        "CREATE TABLE n AS SELECT 1 x",
        "CREATE TABLE n AS SELECT 1 x WITH NO DATA",
        "CREATE TABLE nosuch.n (x bigint)",
        "DROP TABLE t",
        "ALTER TABLE t RENAME TO n",
        "TRUNCATE TABLE t",
        "DELETE FROM t",
        "CREATE SCHEMA n",
        "DROP SCHEMA default",
    ] {
        fails("", sql, ALONE);
        fails("READ ONLY", sql, READ_ONLY);
    }
    for sql in [
        "INSERT INTO tpch.tiny.region SELECT * FROM tpch.tiny.region",
        "DROP TABLE tpch.tiny.nation",
        "ALTER TABLE tpch.tiny.nation ADD COLUMN z bigint",
        "CREATE VIEW v AS SELECT 1 x",
        "EXPLAIN INSERT INTO t VALUES 2",
        "EXPLAIN CREATE TABLE n AS SELECT 1 x",
    ] {
        fails("READ ONLY", sql, READ_ONLY);
    }
    for modes in ["", "READ ONLY"] {
        for (sql, name, message) in [
            (
                "INSERT INTO t VALUES 'x'",
                "SYNTAX_ERROR",
                "line 1:22: Mismatch at column 1: 'x' is of type integer but expression is of type varchar(1)",
            ),
            (
                "CREATE TABLE t (x bigint)",
                "SYNTAX_ERROR",
                "line 1:1: Table 'memory.default.t' already exists",
            ),
            (
                "DELETE FROM tpch.tiny.nation",
                "NOT_SUPPORTED",
                "This connector does not support deletes",
            ),
            (
                "CALL tpch.tiny.nosuch()",
                "NOT_SUPPORTED",
                "Procedures cannot be called within a transaction (use autocommit mode)",
            ),
        ] {
            fails(modes, sql, (name, message));
        }
    }
    client.rows("START TRANSACTION READ ONLY");
    for fine in [
        "EXPLAIN (TYPE VALIDATE) INSERT INTO t VALUES 2",
        "CREATE TABLE IF NOT EXISTS t AS SELECT 1 x",
        "DROP TABLE IF EXISTS nosuch",
        "CREATE SCHEMA IF NOT EXISTS default",
    ] {
        client.rows(fine);
    }
    client.rows("COMMIT");
    client.rows("START TRANSACTION");
    client.rows("EXPLAIN INSERT INTO t VALUES 2");
    assert_eq!(client.rows("SELECT * FROM t"), json!([[1]]));
    client.rows("COMMIT");
}
