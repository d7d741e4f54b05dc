//! What Presto 0.287 says.

use crate::testing::answer;

#[test]
#[expect(clippy::too_many_lines, reason = "a list of statements")]
fn refused_in_prestos_words() {
    for (sql, message) in [
        (
            "SELECT x FROM (VALUES 1) t(x) WHERE count(*) > 1",
            "line 1:46: WHERE clause cannot contain aggregations, window functions or grouping operations: [\"count\"(*)]",
        ),
        (
            "SELECT count(*) FROM (VALUES 1) t(x) GROUP BY 1",
            "line 1:8: GROUP BY clause cannot contain aggregations, window functions or grouping operations: [\"count\"(*)]",
        ),
        (
            "SELECT sum(count(*)) FROM (VALUES 1) t(x)",
            "line 1:8: Cannot nest aggregations inside aggregation 'sum': [\"count\"(*)]",
        ),
        (
            "SELECT sum(row_number() OVER ()) OVER () FROM (VALUES 1) t(x)",
            "line 1:1: Cannot nest window functions inside window function '\"sum\"(\"row_number\"() OVER ()) OVER ()': [\"row_number\"() OVER (), \"sum\"(\"row_number\"() OVER ()) OVER ()]",
        ),
        (
            "SELECT row_number() FROM (VALUES 1) t(x)",
            "line 1:8: Window function presto.default.row_number requires an OVER clause",
        ),
        (
            "SELECT x FROM (VALUES 1) t(x) GROUP BY 2",
            "line 1:40: GROUP BY position 2 is not in select list",
        ),
        (
            "SELECT x FROM (VALUES 1) t(x) ORDER BY 0",
            "line 1:40: ORDER BY position 0 is not in select list",
        ),
        (
            "SELECT DISTINCT x FROM (VALUES (1, 2)) t(x, y) ORDER BY y",
            "line 1:1: For SELECT DISTINCT, ORDER BY expressions must appear in select list",
        ),
        (
            "SELECT grouping(x) FROM (VALUES 1) t(x)",
            "line 1:1: A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause",
        ),
        (
            "SELECT abs(1) FILTER (WHERE true)",
            "line 1:8: Filter is only valid for aggregation functions",
        ),
        (
            "SELECT * FROM (SELECT 1, 2) AS t (a)",
            "line 1:15: Column alias list has 1 entries but 't' has 2 columns available",
        ),
        (
            "WITH t (a) AS (SELECT 1, 2) SELECT * FROM t",
            "line 1:6: WITH column alias list has 1 entries but WITH query(t) has 2 columns",
        ),
        (
            "WITH a AS (SELECT 1), a AS (SELECT 2) SELECT * FROM a",
            "line 1:23: WITH query name 'a' specified more than once",
        ),
        (
            "SELECT * FROM (VALUES 1, 1, 2) EXCEPT ALL SELECT * FROM (VALUES 1)",
            "line 1:32: EXCEPT ALL not yet implemented",
        ),
        (
            "SELECT sum(x) OVER (ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM (VALUES 1) t(x)",
            "line 1:21: Window frame starting from CURRENT ROW cannot end with PRECEDING",
        ),
        (
            "SELECT *",
            "line 1:8: SELECT * not allowed in queries without FROM clause",
        ),
        (
            "SELECT x.* FROM (VALUES 1) n(x)",
            "line 1:8: Table 'x' not found",
        ),
        (
            "SELECT 1 & 2",
            "line 1:10: mismatched input '&'. Expecting: <expression>",
        ),
        (
            "SELECT true IS TRUE",
            "line 1:16: mismatched input 'TRUE'. Expecting: 'DISTINCT', 'NOT', 'NULL'",
        ),
        (
            "SELECT 'a' ILIKE 'b'",
            "line 1:12: mismatched input 'ILIKE'. Expecting: <expression>",
        ),
        (
            "SELECT DISTINCT ON (x) x FROM (VALUES 1) t(x)",
            "line 1:17: mismatched input 'ON'. Expecting: <expression>",
        ),
        (
            "SELECT x FROM (VALUES 1) t(x) GROUP BY ALL",
            "line 1:40: mismatched input 'ALL'. Expecting: <expression>",
        ),
        (
            "SELECT 1 FROM nation NATURAL JOIN region",
            "line 1:15: Natural join not supported",
        ),
        (
            "SELECT * FROM nation WITH ORDINALITY",
            "line 1:22: mismatched input 'WITH'. Expecting: <EOF>",
        ),
        (
            "SELECT \"$cast\"('1', 'double')",
            "line 1:8: Function $cast not registered",
        ),
        (
            "WITH RECURSIVE t(n) AS (SELECT 1) SELECT * FROM t",
            "line 1:1: Recursive WITH queries are not supported",
        ),
        (
            "SELECT 1 UNION SELECT 1, 2",
            "line 1:10: UNION query has different number of fields: 1, 2",
        ),
        (
            "SELECT (SELECT 1, 2)",
            "line 1:8: Multiple columns returned by subquery are not yet supported. Found 2",
        ),
        (
            "SELECT 1 IN (SELECT 1, 2)",
            "line 1:10: Multiple columns returned by subquery are not yet supported. Found 2",
        ),
    ] {
        let error = answer(sql).expect_err(sql);
        assert_eq!(error.message, message, "{sql}");
        assert_eq!(error.name, "SYNTAX_ERROR", "{sql}");
    }
}

#[test]
fn what_is_right_passes() {
    for sql in [
        "SELECT DISTINCT x, length('a') AS y FROM (VALUES 1) t(x) ORDER BY y, t.x, 1",
        "SELECT sum(count(*)) OVER () FROM (VALUES 1) t(x) GROUP BY x HAVING count(*) > 0",
        "SELECT t.* FROM (VALUES 1) t(x) WHERE x IN (SELECT max(1))",
        "SELECT 1 GROUP BY 1 ORDER BY 1",
        "SELECT count(n.name) FROM nation AS n TABLESAMPLE BERNOULLI (50)",
    ] {
        answer(sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }
}
