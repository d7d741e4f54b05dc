//! The judgement of a statement's text.

use crate::query::Rerunnable;
use crate::sql::{Token, tokens};
use crate::statement::Statement;

/// Table functions that only read: those of the engines' own, all without a catalog before their name.
const READING_TABLE_FUNCTIONS: &[&str] = &["sequence", "exclude_columns"];

/// Says whether a statement may be run again without anyone noticing.
///
/// It may when it is outside a transaction and is a read (`SELECT`, `WITH`, `VALUES`, `TABLE`, `SHOW`, `DESCRIBE`,
/// `EXPLAIN` without `ANALYZE`) that calls no table function but well-known ones, or changes the client's session
/// only (`USE`, `SET SESSION`, `RESET SESSION`, `PREPARE`, `DEALLOCATE`). `EXECUTE` is judged by the text it was prepared
/// from, `EXECUTE IMMEDIATE` by its own. What cannot be told may not.
///
/// ```
/// use perk_core::{rerun::judge, Dialect, Rerunnable, Statement};
/// let judged = |sql: &str| judge(&Statement::new(Dialect::Trino, "ann", sql));
/// assert_eq!(judged("SELECT 1"), Rerunnable::Yes);
/// assert_eq!(judged("INSERT INTO t SELECT 1"), Rerunnable::No);
/// ```
pub fn judge(statement: &Statement) -> Rerunnable {
    if statement.transaction.is_none()
        && text_reruns(&statement.sql, &|name| statement.prepared(name), 0)
    {
        Rerunnable::Yes
    } else {
        Rerunnable::No
    }
}

/// `depth` ends statements that prepare the execution of themselves.
fn text_reruns(sql: &str, prepared: &dyn Fn(&str) -> Vec<String>, depth: u8) -> bool {
    let Some(tokens) = tokens(sql) else {
        return false;
    };
    let tokens = &tokens[tokens
        .iter()
        .take_while(|t| **t == Token::Symbol("("))
        .count()..];
    let Some(Token::Word(first)) = tokens.first() else {
        return false;
    };
    let second = |keyword: &str| tokens.get(1).is_some_and(|t| t.is(keyword));
    match first.to_ascii_uppercase().as_str() {
        "SELECT" | "WITH" | "VALUES" | "TABLE" | "SHOW" | "DESCRIBE" | "DESC" => {
            calls_no_table_function(tokens)
        }
        // EXPLAIN runs nothing, but EXPLAIN ANALYZE runs its statement.
        "EXPLAIN" => !tokens.iter().any(|t| t.is("ANALYZE")) && calls_no_table_function(tokens),
        "USE" | "PREPARE" | "DEALLOCATE" => true,
        "SET" | "RESET" => {
            second("SESSION") && !tokens.get(2).is_some_and(|t| t.is("AUTHORIZATION"))
        }
        "EXECUTE" if depth >= 4 => false,
        "EXECUTE" if second("IMMEDIATE") => match tokens.get(2) {
            Some(Token::Text(text)) => text_reruns(&text.replace("''", "'"), prepared, depth + 1),
            _ => false,
        },
        "EXECUTE" => {
            let texts = match tokens.get(1) {
                Some(Token::Word(name)) => prepared(name),
                Some(Token::Quoted(name)) => {
                    prepared(&name[1..name.len() - 1].replace("\"\"", "\""))
                }
                _ => Vec::new(),
            };
            let reruns = |text: &String| text_reruns(text, prepared, depth + 1);
            !texts.is_empty() && texts.iter().all(reruns)
        }
        _ => false,
    }
}

/// A call of a table function is `TABLE(name(…))`; `TABLE(name)`, an argument of one, is inside such a call.
fn calls_no_table_function(tokens: &[Token<'_>]) -> bool {
    tokens.windows(2).enumerate().all(|(at, pair)| {
        let opens = pair[0].is("TABLE") && pair[1] == Token::Symbol("(");
        !opens
            || match tokens.get(at + 2..at + 4) {
                Some([Token::Word(name), next]) => match next {
                    Token::Symbol("(") => READING_TABLE_FUNCTIONS
                        .iter()
                        .any(|f| name.eq_ignore_ascii_case(f)),
                    // TABLE(t), TABLE(t PARTITION BY …) as an argument: the function around it was judged.
                    Token::Symbol(")") => true,
                    _ => false,
                },
                _ => false,
            }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::Dialect;

    fn reruns(sql: &str) -> bool {
        judge(&Statement::new(Dialect::Trino, "ann", sql)) == Rerunnable::Yes
    }

    #[test]
    fn reads_and_session_changes_may_run_again() {
        for sql in [
            "SELECT 1",
            "select * from t where a = 'INSERT'",
            " -- a comment\n(SELECT 1) UNION (SELECT 2)",
            "/* DELETE */ WITH a AS (SELECT 1) SELECT * FROM a",
            "VALUES 1, 2",
            "TABLE nation",
            "SHOW TABLES",
            "DESCRIBE t",
            "DESC t",
            "DESCRIBE INPUT q",
            "EXPLAIN SELECT 1",
            "EXPLAIN (TYPE DISTRIBUTED) SELECT 1",
            "EXPLAIN INSERT INTO t SELECT 1",
            "USE tpch.tiny",
            "SET SESSION a = 'b'",
            "RESET SESSION a",
            "PREPARE q FROM INSERT INTO t VALUES ?",
            "DEALLOCATE PREPARE q",
            "EXECUTE IMMEDIATE 'SELECT ''a'''",
            "SELECT * FROM TABLE(sequence(1, 3))",
            "SELECT \"TABLE\"(x) FROM t",
        ] {
            assert!(reruns(sql), "{sql}");
        }
    }

    #[test]
    fn what_may_have_an_effect_or_cannot_be_told_may_not() {
        for sql in [
            "",
            "   ",
            "((",
            "INSERT INTO t SELECT 1",
            "CREATE TABLE t AS SELECT 1",
            "DELETE FROM t",
            "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE",
            "CALL system.f()",
            "EXPLAIN ANALYZE SELECT 1",
            "EXPLAIN ANALYZE VERBOSE INSERT INTO t SELECT 1",
            "START TRANSACTION",
            "COMMIT",
            "SET ROLE admin",
            "SET TIME ZONE LOCAL",
            "SET SESSION AUTHORIZATION bob",
            "GRANT SELECT ON t TO bob",
            "SELECT * FROM TABLE(pg.system.query(query => 'DELETE FROM t'))",
            "SELECT * FROM TABLE(my_function(1))",
            "SELECT * FROM TABLE(\"sequence\"(1, 3))",
            "SELECT * FROM TABLE /* hidden */ (pg.system.execute('x'))",
            "EXECUTE IMMEDIATE 'DELETE FROM t'",
            "EXECUTE IMMEDIATE",
            "EXECUTE unknown",
            "SELECT 'not ended",
            "REFRESH MATERIALIZED VIEW v",
            "ANALYZE t",
            "\"SELECT\" 1",
            "SELECTED 1",
        ] {
            assert!(!reruns(sql), "{sql}");
        }
    }

    #[test]
    fn execute_is_judged_by_its_prepared_text() {
        let mut statement = Statement::new(Dialect::Presto, "ann", "EXECUTE q USING 1");
        statement.headers.push((
            "Prepared-Statement".into(),
            "q=SELECT+%3F,w=DELETE+FROM+t,x=EXECUTE+x,twice=SELECT+1,Twice=DELETE+FROM+t".into(),
        ));
        assert_eq!(judge(&statement), Rerunnable::Yes);
        for (sql, expected) in [
            ("EXECUTE w", Rerunnable::No),
            ("EXECUTE x", Rerunnable::No),
            ("EXECUTE \"q\" USING 1", Rerunnable::Yes),
            ("EXECUTE nosuch", Rerunnable::No),
            ("EXECUTE TWICE", Rerunnable::No),
        ] {
            assert_eq!(
                judge(&Statement {
                    sql: sql.into(),
                    ..statement.clone()
                }),
                expected,
                "{sql}"
            );
        }
    }

    #[test]
    fn nothing_in_a_transaction_may_run_again() {
        let mut statement = Statement::new(Dialect::Presto, "ann", "SELECT 1");
        statement.transaction = Some("5c5a1c0e".parse().unwrap());
        assert_eq!(judge(&statement), Rerunnable::No);
    }
}
