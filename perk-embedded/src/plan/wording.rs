//! Queries as `sqlparser` wants them worded: `VALUES 1, 2` with its rows in parentheses, which rows of one column need not
//! have in Presto, and `TABLE x` and comparisons with all of `VALUES` by way of `SELECT`.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Span, Token, TokenWithSpan};

/// The same words, as the parser knows them.
pub(super) fn for_parser(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut changes = Changes::default();
    for (i, token) in tokens.iter().enumerate() {
        if is_keyword(&token.token, &[Keyword::VALUES]) {
            rows(&tokens, i + 1, &mut changes);
            if is_compared(&tokens, i) {
                select_from(&tokens, i, &mut changes);
            }
        } else if is_table_as_query(&tokens, i) {
            changes.dropped.insert(i);
            changes.insert(i, select_all());
        }
    }
    changes.apply(tokens)
}

/// What is to become of words.
#[derive(Default)]
struct Changes {
    /// What comes before which.
    inserted: BTreeMap<usize, Vec<Token>>,
    dropped: BTreeSet<usize>,
}

impl Changes {
    fn insert(&mut self, before: usize, tokens: impl IntoIterator<Item = Token>) {
        self.inserted.entry(before).or_default().extend(tokens);
    }

    /// New words have the place of the one that they come before.
    fn apply(mut self, tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
        let mut all = Vec::with_capacity(tokens.len());
        for (i, token) in tokens.into_iter().enumerate() {
            let span = Span::new(token.span.start, token.span.start);
            let extra = self.inserted.remove(&i).unwrap_or_default();
            all.extend(
                extra
                    .into_iter()
                    .map(|extra| TokenWithSpan::new(extra, span)),
            );
            if !self.dropped.contains(&i) {
                all.push(token);
            }
        }
        let rest = self.inserted.into_values().flatten();
        all.extend(rest.map(TokenWithSpan::wrap));
        all
    }
}

/// `SELECT * FROM`.
fn select_all() -> [Token; 3] {
    let word = |word: &str| Token::make_word(word, None);
    [word("SELECT"), Token::Mul, word("FROM")]
}

/// The last word or sign before this one.
fn previous(tokens: &[TokenWithSpan], i: usize) -> Option<(usize, &Token)> {
    let mut before = tokens[..i].iter().enumerate().rev();
    before
        .find(|(_, token)| !matches!(token.token, Token::Whitespace(_)))
        .map(|(i, token)| (i, &token.token))
}

/// Whether this is the word `TABLE` that begins a query, and not that of another statement (`DROP TABLE`).
fn is_table_as_query(tokens: &[TokenWithSpan], i: usize) -> bool {
    const OTHERS: &[Keyword] = &[
        Keyword::ALTER,
        Keyword::CREATE,
        Keyword::DROP,
        Keyword::ON,
        Keyword::TRUNCATE,
    ];
    is_keyword(&tokens[i].token, &[Keyword::TABLE])
        && previous(tokens, i).is_none_or(|(_, before)| !is_keyword(before, OTHERS))
}

/// Whether something is compared with the rows of this `VALUES`: `= ANY (VALUES 1, 2)`.
fn is_compared(tokens: &[TokenWithSpan], i: usize) -> bool {
    const QUANTIFIERS: &[Keyword] = &[Keyword::ALL, Keyword::ANY, Keyword::SOME];
    previous(tokens, i)
        .filter(|(_, before)| **before == Token::LParen)
        .and_then(|(open, _)| previous(tokens, open))
        .is_some_and(|(_, before)| is_keyword(before, QUANTIFIERS))
}

/// Puts `SELECT * FROM (…)` around the query that begins here, as far as its parenthesis.
fn select_from(tokens: &[TokenWithSpan], from: usize, changes: &mut Changes) {
    let mut depth = 0_usize;
    for (i, token) in tokens.iter().enumerate().skip(from) {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen if depth == 0 => {
                changes.insert(from, select_all().into_iter().chain([Token::LParen]));
                changes.insert(i, [Token::RParen]);
                return;
            }
            Token::RParen => depth -= 1,
            _ => {}
        }
    }
}

/// What comes behind a list of rows.
const ENDS: &[Keyword] = &[
    Keyword::ORDER,
    Keyword::LIMIT,
    Keyword::OFFSET,
    Keyword::FETCH,
    Keyword::UNION,
    Keyword::EXCEPT,
    Keyword::INTERSECT,
];

/// Notes what is to be done to the rows that begin at this word.
fn rows(tokens: &[TokenWithSpan], from: usize, changes: &mut Changes) {
    let mut depth = 0_usize;
    let mut row: Vec<usize> = Vec::new();
    for i in from..=tokens.len() {
        let token = tokens.get(i).map(|token| &token.token);
        let is_end = match token {
            None | Some(Token::EOF | Token::SemiColon) => true,
            Some(Token::RParen) => depth == 0,
            Some(token) => depth == 0 && is_keyword(token, ENDS),
        };
        if is_end || (depth == 0 && token == Some(&Token::Comma)) {
            one_row(&row, tokens, changes);
            row.clear();
            if is_end {
                return;
            }
            continue;
        }
        match token {
            Some(Token::Whitespace(_)) => continue,
            Some(Token::LParen | Token::LBracket) => depth += 1,
            Some(Token::RParen | Token::RBracket) => depth = depth.saturating_sub(1),
            _ => {}
        }
        row.push(i);
    }
}

fn one_row(row: &[usize], tokens: &[TokenWithSpan], changes: &mut Changes) {
    let (Some(&first), Some(&last)) = (row.first(), row.last()) else {
        return;
    };
    // `ROW(1, 2)` is the same row as `(1, 2)`.
    if is_keyword(&tokens[first].token, &[Keyword::ROW]) && is_bracketed(&row[1..], tokens) {
        changes.dropped.insert(first);
    } else if !is_bracketed(row, tokens) || is_query(row, tokens) {
        changes.insert(first, [Token::LParen]);
        changes.insert(last + 1, [Token::RParen]);
    }
}

/// Whether a row is in parentheses already, from its beginning to its end.
fn is_bracketed(row: &[usize], tokens: &[TokenWithSpan]) -> bool {
    let mut depth = 0_usize;
    for (n, i) in row.iter().enumerate() {
        match tokens[*i].token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return n > 0 && n + 1 == row.len();
        }
    }
    false
}

/// Whether what is in a row's parentheses is a query, which needs these itself.
fn is_query(row: &[usize], tokens: &[TokenWithSpan]) -> bool {
    const BEGINNINGS: &[Keyword] = &[
        Keyword::SELECT,
        Keyword::TABLE,
        Keyword::VALUES,
        Keyword::WITH,
    ];
    row.get(1)
        .is_some_and(|&first| is_keyword(&tokens[first].token, BEGINNINGS))
}

fn is_keyword(token: &Token, keywords: &[Keyword]) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none() && keywords.contains(&word.keyword))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::syntax::tokens;

    #[test]
    fn queries_are_reworded() {
        for (written, wanted) in [
            ("VALUES 1, 2", "VALUES (1), (2)"),
            ("VALUES (1, 2), (3, 4)", "VALUES (1, 2), (3, 4)"),
            ("VALUES (1) + 2 ORDER BY 1", "VALUES ((1) + 2) ORDER BY 1"),
            (
                "SELECT * FROM (VALUES f(1, 2), NULL) t(x)",
                "SELECT * FROM (VALUES (f(1, 2)), (NULL)) t(x)",
            ),
            (
                "VALUES (SELECT max(x) FROM (VALUES 1) t(x)), 2",
                "VALUES ((SELECT max(x) FROM (VALUES (1)) t(x))), (2)",
            ),
            (
                "VALUES ARRAY[1, 2], ARRAY[3]",
                "VALUES (ARRAY[1, 2]), (ARRAY[3])",
            ),
            ("VALUES ROW(1, 2), (3, 4)", "VALUES (1, 2), (3, 4)"),
            ("VALUES ROW(1).x, 2", "VALUES (ROW(1).x), (2)"),
            ("SELECT 1 AS \"values\", 2", "SELECT 1 AS \"values\", 2"),
            (
                "SELECT 1 > ALL (VALUES 1, 2)",
                "SELECT 1 > ALL (SELECT*FROM(VALUES (1), (2)))",
            ),
            ("TABLE x", "SELECT*FROM x"),
            (
                "SELECT 1 UNION ALL TABLE x",
                "SELECT 1 UNION ALL SELECT*FROM x",
            ),
            ("DROP TABLE x", "DROP TABLE x"),
        ] {
            let all = for_parser(tokens(written).unwrap());
            let text: String = all.iter().map(|token| token.token.to_string()).collect();
            assert_eq!(text.trim_end_matches("EOF"), wanted);
        }
    }
}
