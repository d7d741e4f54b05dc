mod tables;
mod transactions;

use perk_core::Dialect;
use serde_json::{Value, json};

use crate::testing::{ended, statement};
use crate::{EmbeddedConfig, EmbeddedEngine};

/// A client that keeps its session, as real ones do.
struct Client {
    engine: EmbeddedEngine,
    dialect: Dialect,
    headers: Vec<(String, String)>,
}

impl Client {
    fn new() -> Self {
        Self {
            engine: EmbeddedEngine::new(EmbeddedConfig::default()).unwrap(),
            dialect: Dialect::Presto,
            headers: statement("").headers,
        }
    }

    fn of_trino() -> Self {
        Self {
            dialect: Dialect::Trino,
            ..Self::new()
        }
    }

    fn ask(&mut self, sql: &str) -> Result<crate::testing::Answer, perk_core::QueryError> {
        let mut statement = statement(sql);
        statement.dialect = self.dialect;
        statement.headers.clone_from(&self.headers);
        let transaction = self
            .headers
            .iter()
            .rfind(|(name, _)| name == "Transaction-Id");
        statement.transaction = transaction
            .filter(|(_, id)| id != "NONE")
            .map(|(_, id)| id.parse().unwrap());
        let (answer, error) = ended(&self.engine, &statement);
        for (name, value) in &answer.headers {
            match name.as_str() {
                "Set-Catalog" => self.set("Catalog", value),
                "Set-Schema" => self.set("Schema", value),
                "Set-Session" => self.headers.push(("Session".into(), value.clone())),
                "Clear-Session" => self.headers.retain(|(name, _)| name != "Session"),
                "Started-Transaction-Id" => self.set("Transaction-Id", value),
                "Clear-Transaction-Id" => self.set("Transaction-Id", "NONE"),
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
        error.map_or(Ok(answer), Err)
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
        ("SHOW GRANTS ON TABLE tpch.tiny.nation", json!([])),
        (
            "SHOW FUNCTIONS LIKE 'lag'",
            json!([
                ["lag", "T", "T", "window", true, "", false, true, false, ""],
                [
                    "lag",
                    "T",
                    "T, bigint",
                    "window",
                    true,
                    "",
                    false,
                    true,
                    false,
                    ""
                ],
                [
                    "lag",
                    "T",
                    "T, bigint, T",
                    "window",
                    true,
                    "",
                    false,
                    true,
                    false,
                    ""
                ]
            ]),
        ),
        (
            "SHOW FUNCTIONS LIKE 'array$_agg' ESCAPE '$'",
            json!([[
                "array_agg",
                "array(T)",
                "T",
                "aggregate",
                true,
                "return an array of values",
                false,
                true,
                false,
                ""
            ]]),
        ),
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
    client.rows("SET SESSION execution_policy = 'a b'");
    assert_eq!(
        client.rows("SHOW SESSION LIKE 'execution_policy'")[0][1],
        "a b"
    );
    client.rows("RESET SESSION execution_policy");
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
            "SET SESSION query_max_run_time = '2x'",
            "GENERIC_INTERNAL_ERROR",
            "Unknown time unit: x",
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
            "SHOW GRANTS ON nosuch",
            "SYNTAX_ERROR",
            "line 1:1: Table 'Optional[nosuch]' does not exist",
        ),
        (
            "SHOW CREATE VIEW nation",
            "SYNTAX_ERROR",
            "line 1:1: Relation 'tpch.tiny.nation' is a table, not a view",
        ),
        (
            "EXPLAIN (FORMAT JSON, TYPE IO) SELECT 1",
            "NOT_SUPPORTED",
            "EXPLAIN (TYPE IO) is not supported by the embedded engine",
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

#[test]
fn a_plan_is_told_in_the_form_that_is_asked_for() {
    let mut client = Client::new();
    let mut plan = |how: &str| {
        let rows = client.rows(&format!("EXPLAIN {how} SELECT name FROM nation"));
        rows[0][0].as_str().unwrap().to_owned()
    };
    assert!(plan("").contains("TpchScan: table=nation"));
    assert_eq!(
        plan("(TYPE LOGICAL)"),
        plan("(TYPE DISTRIBUTED, FORMAT TEXT)")
    );
    let json: Value = serde_json::from_str(&plan("(FORMAT JSON)")).unwrap();
    assert!(json.to_string().contains("nation"), "{json}");
    let graph = plan("(FORMAT GRAPHVIZ)");
    assert!(graph.contains("digraph {"), "{graph}");
    assert_eq!(
        client.rows("EXPLAIN (FORMAT JSON, TYPE VALIDATE) SELECT 1"),
        json!([[true]])
    );
}

#[test]
fn a_time_zone_is_set() {
    let mut client = Client::of_trino();
    let shown = "SELECT CAST(TIMESTAMP '2024-07-01 12:00:00 UTC' AS varchar), current_timezone()";
    for (zone, header) in [
        ("'Europe/Berlin'", "time_zone_id=Europe%2FBerlin"),
        ("'+02:00'", "time_zone_id=%2B02%3A00"),
        ("INTERVAL '-3' HOUR", "time_zone_id=-03%3A00"),
        ("INTERVAL -'5:30' HOUR TO MINUTE", "time_zone_id=-05%3A30"),
    ] {
        let set = client.ask(&format!("SET TIME ZONE {zone}")).unwrap();
        let header = ("Set-Session".to_owned(), header.to_owned());
        assert_eq!(set.headers, [header], "{zone}");
        assert_eq!(set.update_type.as_deref(), Some("SET TIME ZONE"));
    }
    assert_eq!(client.rows("SELECT current_timezone()")[0][0], "-05:30");
    client.rows("SET TIME ZONE LOCAL");
    assert_eq!(client.rows(shown)[0][1], "UTC");
    for (zone, message) in [
        ("'Nosuch/Zone'", "Time zone not supported: Nosuch/Zone"),
        (
            "INTERVAL '99' HOUR",
            "Time zone not supported: 5940 minutes",
        ),
    ] {
        let error = client.error(&format!("SET TIME ZONE {zone}"));
        assert_eq!(error, ("NOT_SUPPORTED".into(), message.into()));
    }
}

/// A write is looked at as a whole before anything is said of it.
#[test]
fn what_cannot_be_written_is_not_explained_either() {
    let mut client = Client::new();
    client.rows("PREPARE missing FROM INSERT INTO memory.default.nosuch VALUES (?)");
    client.rows("PREPARE untyped FROM CREATE TABLE memory.default.t AS SELECT ? x");
    let missing = "Table memory.default.nosuch does not exist";
    for (sql, message) in [
        (
            "EXPLAIN INSERT INTO memory.default.nosuch VALUES 1",
            missing,
        ),
        (
            "EXPLAIN (TYPE VALIDATE) INSERT INTO memory.default.nosuch VALUES 1",
            missing,
        ),
        ("DESCRIBE INPUT missing", missing),
        ("DESCRIBE OUTPUT missing", missing),
        (
            "DESCRIBE OUTPUT untyped",
            "line 1:1: Column type is unknown: x",
        ),
        (
            "EXPLAIN CREATE TABLE memory.default.t AS SELECT 1",
            "line 1:9: Column name not specified at position 1",
        ),
    ] {
        assert_eq!(
            client.error(sql),
            ("SYNTAX_ERROR".into(), message.into()),
            "{sql}"
        );
    }
    client.rows("EXPLAIN CREATE TABLE memory.default.t AS SELECT 1 x");
    assert_eq!(client.rows("SHOW TABLES FROM memory.default"), json!([]));
}

/// Each of many parameters gets the type of what it is beside.
#[test]
fn parameters_have_the_types_of_what_they_are_beside() {
    let mut client = Client::new();
    let many = vec!["?"; 2_000].join(", ");
    client.rows(&format!(
        "PREPARE many FROM SELECT name FROM nation WHERE nationkey IN ({many}) AND name IN (SELECT name FROM region WHERE name = ?) GROUP BY name HAVING max(comment) > ?"
    ));
    let rows = client.rows("DESCRIBE INPUT many");
    assert_eq!(rows[0], json!([0, "bigint"]));
    assert_eq!(rows[1_999], json!([1_999, "bigint"]));
    assert_eq!(rows[2_000], json!([2_000, "varchar(25)"]));
    assert_eq!(rows[2_001], json!([2_001, "varchar(152)"]));
}
