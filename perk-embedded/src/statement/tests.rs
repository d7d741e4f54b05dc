use serde_json::{Value, json};

use crate::testing::{answer_of, statement};
use crate::{EmbeddedConfig, EmbeddedEngine};

/// A client that keeps its session, as real ones do.
struct Client {
    engine: EmbeddedEngine,
    headers: Vec<(String, String)>,
}

impl Client {
    fn new() -> Self {
        Self {
            engine: EmbeddedEngine::new(EmbeddedConfig::default()).unwrap(),
            headers: statement("").headers,
        }
    }

    fn ask(&mut self, sql: &str) -> Result<crate::testing::Answer, perk_core::QueryError> {
        let mut statement = statement(sql);
        statement.headers.clone_from(&self.headers);
        let answer = answer_of(&self.engine, &statement)?;
        for (name, value) in &answer.headers {
            match name.as_str() {
                "Set-Catalog" => self.set("Catalog", value),
                "Set-Schema" => self.set("Schema", value),
                "Set-Session" => self.headers.push(("Session".into(), value.clone())),
                "Clear-Session" => self.headers.retain(|(name, _)| name != "Session"),
                "Added-Prepare" => self
                    .headers
                    .push(("Prepared-Statement".into(), value.clone())),
                "Deallocated-Prepare" => {
                    let gone = format!("{value}=");
                    self.headers.retain(|(_, value)| !value.starts_with(&gone));
                }
                other => panic!("{other}"),
            }
        }
        Ok(answer)
    }

    fn set(&mut self, header: &str, value: &str) {
        self.headers.retain(|(name, _)| name != header);
        self.headers.push((header.into(), value.into()));
    }

    fn rows(&mut self, sql: &str) -> Value {
        let answer = self.ask(sql);
        answer
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"))
            .rows
            .into()
    }

    /// The types of an answer's columns.
    fn types(&mut self, sql: &str) -> Vec<String> {
        let columns = self.ask(sql).unwrap().columns.into_iter();
        columns.map(|(_, kind)| kind).collect()
    }

    /// An error's name and message.
    fn error(&mut self, sql: &str) -> (String, String) {
        match self.ask(sql) {
            Ok(answer) => panic!("{sql} gives {:?}", answer.rows),
            Err(error) => (error.name, error.message),
        }
    }
}

#[test]
fn what_there_is_is_shown() {
    let mut client = Client::new();
    for (sql, rows) in [
        ("SHOW CATALOGS", json!([["memory"], ["system"], ["tpch"]])),
        ("SHOW CATALOGS LIKE 't%'", json!([["tpch"]])),
        (
            "SHOW SCHEMAS",
            json!([["information_schema"], ["sf1"], ["tiny"]]),
        ),
        ("SHOW SCHEMAS FROM tpch LIKE 'tiny'", json!([["tiny"]])),
        ("show tables from memory.default", json!([])),
        ("SHOW TABLES LIKE 'part%'", json!([["part"], ["partsupp"]])),
        (
            "SHOW COLUMNS FROM region",
            json!([
                ["regionkey", "bigint", "", ""],
                ["name", "varchar(25)", "", ""],
                ["comment", "varchar(152)", "", ""]
            ]),
        ),
        (
            "SHOW CREATE TABLE region",
            json!([[
                "CREATE TABLE tpch.tiny.region (\n   \"regionkey\" bigint NOT NULL,\n   \"name\" varchar(25) NOT NULL,\n   \"comment\" varchar(152) NOT NULL\n)"
            ]]),
        ),
        (
            "SHOW SESSION LIKE 'query_max_run_time'",
            json!([[
                "query_max_run_time",
                "100.00d",
                "100.00d",
                "varchar",
                "Maximum run time of a query (includes the queueing time)"
            ]]),
        ),
        ("EXPLAIN (TYPE VALIDATE) SELECT 1", json!([[true]])),
        ("EXPLAIN USE tiny", json!([["USE tiny"]])),
    ] {
        assert_eq!(client.rows(sql), rows, "{sql}");
    }
    assert_eq!(client.types("SHOW CATALOGS LIKE 'x'"), ["varchar(6)"]);
    assert_eq!(client.types("SHOW CREATE TABLE region"), ["varchar(132)"]);
    assert_eq!(
        client.rows("DESC region"),
        client.rows("DESCRIBE tpch.tiny.region")
    );
}

#[test]
fn what_there_is_can_be_asked_for() {
    let mut client = Client::new();
    for (sql, rows) in [
        (
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'tiny' ORDER BY 1 LIMIT 2",
            json!([["customer"], ["lineitem"]]),
        ),
        (
            "SELECT * FROM tpch.information_schema.columns WHERE table_schema = 'tiny' AND table_name = 'region' AND column_name = 'name'",
            json!([[
                "tpch",
                "tiny",
                "region",
                "name",
                2,
                null,
                "YES",
                "varchar(25)",
                null,
                null
            ]]),
        ),
        (
            "SELECT TABLE_SCHEM, TABLE_CATALOG FROM system.jdbc.schemas WHERE TABLE_CATALOG = 'system' ORDER BY TABLE_SCHEM",
            json!([
                ["information_schema", "system"],
                ["jdbc", "system"],
                ["metadata", "system"],
                ["runtime", "system"]
            ]),
        ),
        (
            "SELECT DATA_TYPE, TYPE_NAME, COLUMN_SIZE, DECIMAL_DIGITS, NULLABLE FROM system.jdbc.columns WHERE TABLE_CAT = 'tpch' AND TABLE_SCHEM = 'tiny' AND TABLE_NAME = 'supplier' AND COLUMN_NAME = 'suppkey'",
            json!([[-5, "bigint", 19, null, 2]]),
        ),
        ("SELECT * FROM system.jdbc.procedures", json!([])),
        (
            "SELECT catalog_name FROM system.metadata.catalogs",
            json!([["memory"], ["system"], ["tpch"]]),
        ),
    ] {
        assert_eq!(client.rows(sql), rows, "{sql}");
    }
    let (name, _) = client.error("SELECT * FROM information_schema.roles");
    assert_eq!(name, "NOT_SUPPORTED");
}

#[test]
fn a_session_is_changed() {
    let mut client = Client::new();
    client.rows("USE tpch.sf1");
    client.rows("USE \"Tiny\"");
    let headers = client.ask("USE TPCH.TINY").unwrap().headers;
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        headers,
        [header("Set-Catalog", "tpch"), header("Set-Schema", "tiny")]
    );
    let set = client
        .ask("SET SESSION query_max_run_time = '10m'")
        .unwrap();
    assert_eq!(set.update_type.as_deref(), Some("SET SESSION"));
    assert_eq!(set.rows, [json!([true])]);
    assert_eq!(
        set.headers,
        [header("Set-Session", "query_max_run_time=10m")]
    );
    assert_eq!(
        client.rows("SHOW SESSION LIKE 'query_max_run_time'")[0][1],
        "10m"
    );
    client.rows("RESET SESSION query_max_run_time");
    for (sql, name, message) in [
        (
            "USE nosuch.x",
            "NOT_FOUND",
            "Catalog does not exist: nosuch",
        ),
        (
            "SET SESSION nosuch = 1",
            "SYNTAX_ERROR",
            "line 1:1: Session property nosuch does not exist",
        ),
        (
            "SET SESSION query_max_run_time = 5",
            "INVALID_SESSION_PROPERTY",
            "Unable to set session property 'query_max_run_time' to '5': line 1:34: Cannot cast type integer to varchar",
        ),
        (
            "SET SESSION task_concurrency = 3",
            "INVALID_SESSION_PROPERTY",
            "task_concurrency must be a power of 2: 3",
        ),
        ("COMMIT", "NOT_IN_TRANSACTION", "No transaction in progress"),
        (
            "CALL tpch.tiny.nosuch()",
            "PROCEDURE_NOT_FOUND",
            "Procedure not registered: tiny.nosuch",
        ),
        (
            "SHOW TABLES FROM nosuch",
            "SYNTAX_ERROR",
            "line 1:1: Schema 'nosuch' does not exist",
        ),
        (
            "EXPLAIN (TYPE NOSUCH) SELECT 1",
            "SYNTAX_ERROR",
            "line 1:15: mismatched input 'NOSUCH'. Expecting: 'DISTRIBUTED', 'IO', 'LOGICAL', 'VALIDATE'",
        ),
    ] {
        assert_eq!(client.error(sql), (name.into(), message.into()), "{sql}");
    }
}

#[test]
fn statements_are_prepared() {
    let mut client = Client::new();
    let added = client.ask("PREPARE q FROM SELECT * FROM region WHERE name = ?");
    let header = "q=SELECT+*+FROM+region+WHERE+name+%3D+%3F".to_owned();
    assert_eq!(added.unwrap().headers, [("Added-Prepare".into(), header)]);
    assert_eq!(client.rows("EXECUTE q USING 'ASIA'")[0][0], 2);
    assert_eq!(client.rows("DESCRIBE INPUT q"), json!([[0, "varchar(25)"]]));
    assert_eq!(
        client.rows("DESCRIBE OUTPUT q")[0],
        json!(["regionkey", "tpch", "tiny", "region", "bigint", 8, false])
    );
    client.rows("PREPARE \"Q2\" FROM SELECT name FROM nation ORDER BY nationkey LIMIT ?");
    assert_eq!(client.rows("EXECUTE \"Q2\" USING 1"), json!([["ALGERIA"]]));
    for (sql, name, message) in [
        (
            "EXECUTE q2",
            "NOT_FOUND",
            "Prepared statement not found: q2",
        ),
        (
            "EXECUTE q",
            "SYNTAX_ERROR",
            "line 1:1: Incorrect number of parameters: expected 1 but found 0",
        ),
        (
            "EXECUTE q USING nationkey",
            "SYNTAX_ERROR",
            "line 1:17: Constant expression cannot contain column references",
        ),
        (
            "PREPARE p FROM EXECUTE q",
            "NOT_SUPPORTED",
            "Invalid statement type for prepared statement: EXECUTE",
        ),
        (
            "SELECT ?",
            "SYNTAX_ERROR",
            "line 1:1: Incorrect number of parameters: expected 1 but found 0",
        ),
    ] {
        assert_eq!(client.error(sql), (name.into(), message.into()), "{sql}");
    }
    client.rows("DEALLOCATE PREPARE q");
    assert_eq!(client.error("DEALLOCATE PREPARE q").0, "NOT_FOUND");
    assert_eq!(
        client.rows("EXECUTE IMMEDIATE 'SELECT ?' USING 5"),
        json!([[5]])
    );
}

/// A stack is only so large.
#[test]
fn statements_are_in_one_another_so_deep_and_no_deeper() {
    let mut client = Client::new();
    client.rows(&format!("{}SELECT 1", "EXPLAIN ".repeat(7)));
    for words in ["EXPLAIN ", "PREPARE a FROM "] {
        for many in [8, 50_000] {
            let (name, _) = client.error(&format!("{}SELECT 1", words.repeat(many)));
            assert_eq!(name, "NOT_SUPPORTED", "{words} {many} times");
        }
    }
}

/// What fails beside the tables of [`tables_are_made_and_filled`].
const WRONG: [(&str, &str, &str); 14] = [
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
