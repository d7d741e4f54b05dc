//! Joda-Time's notation: `yyyy-MM-dd'T'HH:mm` (`DateTimeFormat.forPattern`).

use super::{Field, Length, Part, Pattern, Shown, Years};
use crate::error::{Error, Kind, Result};
use crate::function::invalid;

/// The pattern that is written so. Years of two digits are from 80 years before this one on.
pub(in super::super) fn read(text: &str, this_year: i64) -> Result<Pattern> {
    if text.is_empty() {
        return Err(invalid("Invalid pattern specification"));
    }
    let tokens = tokens(text);
    let parts = tokens.iter().enumerate().map(|(i, token)| match token {
        Token::Literal(literal) => Ok(Part::Literal(literal.clone())),
        Token::Letters(letter, count) => {
            let joined = tokens.get(i + 1).is_some_and(Token::is_numeric);
            part(*letter, *count, joined, this_year)
        }
    });
    parts.collect::<Result<_>>().map(Pattern)
}

enum Token {
    /// The same letter so many times.
    Letters(char, usize),
    Literal(String),
}

impl Token {
    fn is_numeric(&self) -> bool {
        match self {
            Self::Letters('M', count) => *count <= 2,
            Self::Letters(letter, _) => "CxyYdhHmsSekKDw".contains(*letter),
            Self::Literal(_) => false,
        }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        if c.is_ascii_alphabetic() {
            let mut count = 1;
            while characters.next_if_eq(&c).is_some() {
                count += 1;
            }
            tokens.push(Token::Letters(c, count));
        } else if c == '\'' {
            let mut literal = String::new();
            if characters.next_if_eq(&'\'').is_some() {
                literal.push('\'');
            } else {
                while let Some(quoted) = characters.next() {
                    if quoted != '\'' {
                        literal.push(quoted);
                    } else if characters.next_if_eq(&'\'').is_some() {
                        literal.push('\'');
                    } else {
                        break;
                    }
                }
            }
            tokens.push(Token::Literal(literal));
        } else {
            tokens.push(Token::Literal(c.to_string()));
        }
    }
    tokens
}

fn part(letter: char, count: usize, joined: bool, this_year: i64) -> Result<Part> {
    let number = |field, most| Part::Number(field, count, most);
    let length = if count >= 4 {
        Length::Full
    } else {
        Length::Short
    };
    let year_digits = if joined { count } else { 9 };
    Ok(match letter {
        'G' => Part::Era,
        'C' => number(Field::Century, count),
        'x' | 'y' | 'Y' if count == 2 => {
            let field = if letter == 'x' {
                Field::Weekyear
            } else {
                Field::Year
            };
            // More digits would be those of the number behind.
            let years = if joined { Years::Two } else { Years::Any };
            Part::TwoDigits(field, this_year - 30, years)
        }
        'x' => number(Field::Weekyear, year_digits),
        'y' => number(Field::Year, year_digits),
        'Y' => number(Field::YearOfEra, year_digits),
        'M' if count >= 3 => Part::Name(Field::Month, length),
        'M' => number(Field::Month, 2),
        'd' => number(Field::Day, 2),
        'D' => number(Field::DayOfYear, 3),
        'w' => number(Field::Week, 2),
        'e' => number(Field::DayOfWeek, 1),
        'E' => Part::Name(Field::DayOfWeek, length),
        'a' => Part::Half,
        'h' => number(Field::HalfdayClockHour, 2),
        'H' => number(Field::Hour, 2),
        'k' => number(Field::ClockHour, 2),
        'K' => number(Field::HalfdayHour, 2),
        'm' => number(Field::Minute, 2),
        's' => number(Field::Second, 2),
        'S' => Part::Fraction(count, count),
        'z' if count >= 4 => {
            let message = "full names of time zones are not supported in patterns";
            return Err(Error::new(Kind::NotSupported, message));
        }
        'z' => Part::Zone(Shown::Name),
        'Z' => Part::Zone(match count {
            1 => Shown::Offset,
            2 => Shown::OffsetWithColon,
            _ => Shown::Id,
        }),
        other => return Err(invalid(format!("Illegal pattern component: {other}"))),
    })
}
