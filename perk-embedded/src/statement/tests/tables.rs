//! Tables that are made, filled and changed.

use serde_json::json;

use super::Client;

/// What fails beside the tables of [`tables_are_made_and_filled`].
const WRONG: [(&str, &str, &str); 21] = [
    (
        "CREATE TABLE t (a bigint)",
        "SYNTAX_ERROR",
        "line 1:1: Table 'memory.facts.t' already exists",
    ),
    (
        "CREATE TABLE bad (a nosuchtype)",
        "SYNTAX_ERROR",
        "line 1:19: Unknown type 'nosuchtype' for column 'a'",
    ),
    (
        "CREATE TABLE bad (a bigint, a bigint)",
        "SYNTAX_ERROR",
        "line 1:29: Column name 'a' specified more than once",
    ),
    (
        "CREATE TABLE bad (nationkey bigint, LIKE tpch.tiny.nation)",
        "SYNTAX_ERROR",
        "line 1:37: Column name 'nationkey' specified more than once",
    ),
    (
        "ALTER TABLE t ADD COLUMN a bigint",
        "SYNTAX_ERROR",
        "line 1:1: Column 'a' already exists",
    ),
    (
        "ALTER TABLE t ADD COLUMN z bigint",
        "NOT_SUPPORTED",
        "This connector does not support adding columns",
    ),
    (
        "ALTER TABLE t DROP COLUMN nosuch",
        "SYNTAX_ERROR",
        "line 1:1: Column 'nosuch' does not exist",
    ),
    (
        "ALTER TABLE t RENAME COLUMN nosuch TO z",
        "SYNTAX_ERROR",
        "line 1:1: Column 'nosuch' does not exist",
    ),
    (
        "ALTER TABLE t RENAME COLUMN a TO z",
        "NOT_SUPPORTED",
        "This connector does not support renaming columns",
    ),
    (
        "UPDATE c SET nosuch = 1",
        "SYNTAX_ERROR",
        "line 1:14: The UPDATE SET target column nosuch doesn't exist",
    ),
    (
        "CREATE TABLE bad (a bigint) WITH (nosuch = 1)",
        "INVALID_TABLE_PROPERTY",
        "Catalog 'memory' does not support table property 'nosuch'",
    ),
    (
        "CREATE TABLE memory.nosuch.t (a bigint)",
        "NOT_FOUND",
        "Schema nosuch not found",
    ),
    (
        "CREATE TABLE c5 AS SELECT 1",
        "SYNTAX_ERROR",
        "line 1:1: Column name not specified at position 1",
    ),
    (
        "CREATE TABLE c5 AS SELECT NULL a",
        "SYNTAX_ERROR",
        "line 1:1: Column type is unknown: a",
    ),
    (
        "INSERT INTO t (a) VALUES ('x')",
        "SYNTAX_ERROR",
        "line 1:27: Mismatch at column 1: 'a' is of type bigint but expression is of type varchar(1)",
    ),
    (
        "INSERT INTO t VALUES (1)",
        "SYNTAX_ERROR",
        "line 1:23: Insert query has 1 expression(s) but expected 4 target column(s). Mismatch at column 2: 'b'",
    ),
    (
        "INSERT INTO t (nosuch) VALUES (1)",
        "SYNTAX_ERROR",
        "Insert column name does not exist in target table: nosuch",
    ),
    (
        "INSERT INTO tpch.tiny.region SELECT * FROM tpch.tiny.region",
        "NOT_SUPPORTED",
        "This connector does not support inserts",
    ),
    (
        "DROP SCHEMA memory.facts",
        "SCHEMA_NOT_EMPTY",
        "Schema not empty: facts",
    ),
    (
        "DROP TABLE nosuch",
        "SYNTAX_ERROR",
        "line 1:1: Table 'memory.facts.nosuch' does not exist",
    ),
    (
        "ALTER TABLE c4 RENAME TO c",
        "SYNTAX_ERROR",
        "line 1:1: Target table 'memory.facts.c' already exists",
    ),
];

#[test]
fn tables_are_made_and_filled() {
    let mut client = Client::new();
    client.rows("CREATE SCHEMA memory.facts");
    client.rows("USE memory.facts");
    client.rows("CREATE TABLE t (a bigint, b varchar, c varchar(5), d row(x integer, y varchar))");
    assert_eq!(
        client.rows("DESCRIBE t")[3],
        json!(["d", "row(\"x\" integer, \"y\" varchar)", "", ""])
    );
    let inserted = client
        .ask("INSERT INTO t (b, a) VALUES ('x', 1), (NULL, 2)")
        .unwrap();
    assert_eq!(inserted.rows, [json!([2])]);
    assert_eq!(inserted.columns, [("rows".into(), "bigint".into())]);
    assert_eq!(inserted.update_type.as_deref(), Some("INSERT"));
    assert_eq!(inserted.update_count, Some(2));
    assert_eq!(
        client.rows("SELECT a, b, c FROM t ORDER BY a"),
        json!([[1, "x", null], [2, null, null]])
    );
    for (sql, rows) in [
        ("CREATE TABLE c AS SELECT * FROM tpch.tiny.nation", 25),
        ("CREATE TABLE IF NOT EXISTS c AS SELECT 1 AS x", 0),
        (
            "CREATE TABLE c2 AS SELECT * FROM tpch.tiny.nation WITH NO DATA",
            0,
        ),
        (
            "CREATE TABLE c3 (x, y) AS SELECT nationkey, name FROM tpch.tiny.nation",
            25,
        ),
        ("INSERT INTO c2 SELECT * FROM c WHERE nationkey < 3", 3),
        ("DELETE FROM c3", 25),
    ] {
        assert_eq!(client.rows(sql), json!([[rows]]), "{sql}");
    }
    assert_eq!(client.types("SELECT name FROM c2"), ["varchar(25)"]);
    client.rows("ALTER TABLE c2 RENAME TO c4");
    client.rows("TRUNCATE TABLE c4");
    assert_eq!(client.rows("SELECT * FROM c4"), json!([]));
    assert_eq!(
        client.rows("SHOW TABLES"),
        json!([["c"], ["c3"], ["c4"], ["t"]])
    );
    for (sql, name, message) in WRONG {
        assert_eq!(client.error(sql), (name.into(), message.into()), "{sql}");
    }
    for (sql, update_type) in [
        (
            "ALTER TABLE t ADD COLUMN IF NOT EXISTS a bigint",
            "ADD COLUMN",
        ),
        (
            "ALTER TABLE IF EXISTS nosuch ADD COLUMN z bigint",
            "ADD COLUMN",
        ),
        ("ALTER TABLE t DROP COLUMN IF EXISTS nosuch", "DROP COLUMN"),
    ] {
        let done = client.ask(sql).unwrap();
        assert_eq!(done.update_type.as_deref(), Some(update_type), "{sql}");
    }
    client.rows("INSERT INTO t (a, d) SELECT 3, ROW(1, 'a')");
    assert_eq!(
        client.rows("SELECT d.x, d.y FROM t WHERE a = 3"),
        json!([[1, "a"]])
    );
    // What fails on its way leaves nothing.
    assert_eq!(
        client
            .error("CREATE TABLE c6 AS SELECT 1 / (nationkey - 5) x FROM tpch.tiny.nation")
            .0,
        "DIVISION_BY_ZERO"
    );
    for table in ["t", "c", "c3", "c4"] {
        client.rows(&format!("DROP TABLE {table}"));
    }
    client.rows("DROP TABLE IF EXISTS c6");
    client.rows("DROP SCHEMA facts");
}
