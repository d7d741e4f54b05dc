//! `VALUES 1, 2`: in Presto rows of one column need no parentheses. `sqlparser` wants some, so they are put around.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Span, Token, TokenWithSpan};

/// The same with every row of `VALUES` in parentheses.
pub(super) fn with_parentheses(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut inserted: Vec<(usize, Token)> = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        if is_keyword(&token.token, &[Keyword::VALUES]) {
            rows(&tokens, i + 1, &mut inserted);
        }
    }
    if inserted.is_empty() {
        return tokens;
    }
    // Rows within rows were seen later.
    inserted.sort_by_key(|(before, _)| *before);
    let mut inserted = inserted.into_iter().peekable();
    let mut all = Vec::with_capacity(tokens.len() + inserted.len());
    for (i, token) in tokens.into_iter().enumerate() {
        while let Some((_, extra)) = inserted.next_if(|(before, _)| *before == i) {
            let span = Span::new(token.span.start, token.span.start);
            all.push(TokenWithSpan::new(extra, span));
        }
        all.push(token);
    }
    for (_, extra) in inserted {
        all.push(TokenWithSpan::wrap(extra));
    }
    all
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

/// Notes what is to be put before which tokens, for the rows that begin at this one.
fn rows(tokens: &[TokenWithSpan], from: usize, inserted: &mut Vec<(usize, Token)>) {
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
            if let (Some(&first), Some(&last)) = (row.first(), row.last())
                && !is_bracketed(&row, tokens)
            {
                inserted.push((first, Token::LParen));
                inserted.push((last + 1, Token::RParen));
            }
            row.clear();
            if is_end {
                return;
            }
            continue;
        }
        match token {
            Some(Token::Whitespace(_)) => continue,
            Some(Token::LParen) => depth += 1,
            Some(Token::RParen) => depth -= 1,
            _ => {}
        }
        row.push(i);
    }
}

/// Whether a row is in parentheses already, from its beginning to its end.
fn is_bracketed(row: &[usize], tokens: &[TokenWithSpan]) -> bool {
    let mut depth = 0_usize;
    for (n, i) in row.iter().enumerate() {
        match tokens[*i].token {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return n > 0 && n + 1 == row.len();
        }
    }
    false
}

fn is_keyword(token: &Token, keywords: &[Keyword]) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none() && keywords.contains(&word.keyword))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::syntax::tokens;

    #[test]
    fn rows_get_parentheses() {
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
                "VALUES (SELECT max(x) FROM (VALUES (1)) t(x)), (2)",
            ),
            ("SELECT 1 AS \"values\", 2", "SELECT 1 AS \"values\", 2"),
        ] {
            let all = with_parentheses(tokens(written).unwrap());
            let text: String = all.iter().map(|token| token.token.to_string()).collect();
            assert_eq!(text.trim_end_matches("EOF"), wanted);
        }
    }
}
