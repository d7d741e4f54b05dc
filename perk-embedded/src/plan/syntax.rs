//! Presto's syntax, as far as `sqlparser` can be told of it.

use datafusion::sql::sqlparser::ast::{Expr, Ident};
use datafusion::sql::sqlparser::dialect::Dialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{
    Location, Token, TokenWithSpan, Tokenizer, TokenizerError,
};

use super::call::{self, text};
use super::{depth, wording};
use crate::error::{Error, Kind, Position, Result};

/// How deep expressions and queries may be nested. The parser's stack grows with it.
const DEPTH: usize = 500;

/// Presto's dialect of SQL (`SqlBase.g4`).
#[derive(Debug)]
pub(crate) struct Presto;

impl Dialect for Presto {
    fn is_delimited_identifier_start(&self, c: char) -> bool {
        c == '"'
    }

    fn is_identifier_start(&self, c: char) -> bool {
        c.is_alphabetic() || c == '_'
    }

    fn is_identifier_part(&self, c: char) -> bool {
        c.is_alphanumeric() || c == '_'
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_lambda_functions(&self) -> bool {
        true
    }

    fn supports_within_after_array_aggregation(&self) -> bool {
        true
    }

    fn supports_unicode_string_literal(&self) -> bool {
        true
    }

    fn supports_window_clause_named_window_reference(&self) -> bool {
        true
    }

    fn supports_start_transaction_modifier(&self) -> bool {
        false
    }

    fn require_interval_qualifier(&self) -> bool {
        true
    }

    fn parse_prefix(
        &self,
        parser: &mut Parser<'_>,
    ) -> Option<std::result::Result<Expr, ParserError>> {
        let first = parser.peek_token_ref();
        let Token::Word(word) = &first.token else {
            return None;
        };
        let name = match word.keyword {
            Keyword::CAST => "$cast",
            Keyword::TRY_CAST => "$try_cast",
            Keyword::ROW => "$row",
            Keyword::CURRENT_USER => "current_user",
            _ => return None,
        };
        let place = first.span.start;
        if name == "current_user" && word.quote_style.is_none() {
            parser.advance_token();
            return Some(Ok(call::unplaced(name, place, Vec::new())));
        }
        if word.quote_style.is_some() || parser.peek_nth_token_ref(1).token != Token::LParen {
            return None;
        }
        parser.advance_token();
        Some(match name {
            "$row" => row(parser, place),
            name => cast(parser, name, place),
        })
    }
}

/// `CAST(expression AS type)`. The type is kept as text: `sqlparser` does not know all of Presto's.
fn cast(
    parser: &mut Parser<'_>,
    name: &str,
    place: Location,
) -> std::result::Result<Expr, ParserError> {
    parser.expect_token(&Token::LParen)?;
    let value = parser.parse_expr()?;
    parser.expect_keyword(Keyword::AS)?;
    let mut kind = String::new();
    let mut depth = 0;
    loop {
        let token = parser.peek_token_ref();
        match &token.token {
            Token::LParen => depth += 1,
            Token::RParen if depth == 0 => break,
            Token::RParen => depth -= 1,
            Token::EOF => return parser.expected(")", parser.peek_token()),
            _ => {}
        }
        if !kind.is_empty() {
            kind.push(' ');
        }
        kind.push_str(&token.token.to_string());
        parser.advance_token();
    }
    parser.expect_token(&Token::RParen)?;
    Ok(call::unplaced(name, place, vec![value, text(&kind)]))
}

/// `ROW(a, b)`.
fn row(parser: &mut Parser<'_>, place: Location) -> std::result::Result<Expr, ParserError> {
    parser.expect_token(&Token::LParen)?;
    let values = parser.parse_comma_separated(Parser::parse_expr)?;
    parser.expect_token(&Token::RParen)?;
    Ok(call::unplaced("$row", place, values))
}

/// A statement's words and signs, with their places.
pub(crate) fn tokens(sql: &str) -> Result<Vec<TokenWithSpan>> {
    let tokens = Tokenizer::new(&Presto, sql)
        .tokenize_with_location()
        .map_err(|TokenizerError { message, location }| {
            Error::new(Kind::Syntax, lower_first(&message)).at(place(location))
        })?;
    depth::check(&tokens)?;
    Ok(tokens)
}

/// A parser over these.
pub(crate) fn parser(tokens: Vec<TokenWithSpan>) -> Parser<'static> {
    Parser::new(&Presto)
        .with_recursion_limit(DEPTH)
        .with_tokens_with_locations(wording::for_parser(tokens))
}

/// Nothing may come any more, but for a semicolon.
pub(crate) fn end(parser: &mut Parser<'_>) -> Result<()> {
    let _ = parser.consume_token(&Token::SemiColon);
    let next = parser.peek_token();
    match next.token {
        Token::EOF => Ok(()),
        _ => Err(unexpected(&next, "<EOF>")),
    }
}

/// What Presto's parser says of something that cannot stand where it stands.
pub(crate) fn unexpected(found: &TokenWithSpan, expected: &str) -> Error {
    let text = match &found.token {
        Token::EOF => "<EOF>".to_owned(),
        token => token.to_string(),
    };
    Error::new(
        Kind::Syntax,
        format!("mismatched input '{text}'. Expecting: {expected}"),
    )
    .at(place(found.span.start))
}

/// `sqlparser` says where in its text only.
pub(crate) fn problem(error: &ParserError, parser: &Parser<'_>) -> Error {
    let text = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.as_str(),
        ParserError::RecursionLimitExceeded => {
            let message = format!("statement is nested more than {DEPTH} deep");
            return Error::new(Kind::Syntax, message);
        }
    };
    let (what, location) = match text.rsplit_once(" at Line: ") {
        Some((what, location)) => (what, read_location(location)),
        None => (text, None),
    };
    let location = location.or_else(|| place(parser.peek_token_ref().span.start));
    let message = match what
        .strip_prefix("Expected: ")
        .and_then(|rest| rest.split_once(", found: "))
    {
        Some((expected, found)) => {
            let found = if found == "EOF" { "<EOF>" } else { found };
            format!("mismatched input '{found}'. Expecting: {expected}")
        }
        None => lower_first(what),
    };
    Error::new(Kind::Syntax, message).at(location)
}

/// `3, Column: 5`.
fn read_location(text: &str) -> Option<Position> {
    let (line, column) = text.split_once(", Column: ")?;
    Some(Position {
        line: line.trim().parse().ok()?,
        column: column.trim().parse().ok()?,
    })
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// `sqlparser`'s place, where it has one.
pub(crate) fn place(location: Location) -> Option<Position> {
    (location.line > 0).then_some(Position {
        line: location.line,
        column: location.column,
    })
}

/// A name in lower case, as all of Presto's are, also those in quotes.
pub(crate) fn folded(name: &Ident) -> String {
    name.value.to_lowercase()
}
