//! `MySQL`'s notation: `%Y-%m-%d` (`DateTimeFunctions.createDateTimeFormatter`).

use super::{Field, Length, Part, Pattern, Years};
use crate::error::Result;
use crate::function::invalid;

/// Years of two digits are from 1970 to 2069.
const PIVOT: i64 = 2020;

pub(in super::super) fn read(text: &str) -> Result<Pattern> {
    let mut parts = Vec::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if c != '%' {
            parts.push(Part::Literal(c.to_string()));
        } else if let Some(letter) = characters.next() {
            push(letter, &mut parts)?;
        }
    }
    Ok(Pattern(parts))
}

fn push(letter: char, parts: &mut Vec<Part>) -> Result<()> {
    parts.push(match letter {
        'a' => Part::Name(Field::DayOfWeek, Length::Short),
        'b' => Part::Name(Field::Month, Length::Short),
        'c' => Part::Number(Field::Month, 1, 2),
        'd' => Part::Number(Field::Day, 2, 2),
        'e' => Part::Number(Field::Day, 1, 2),
        'f' => Part::Fraction(6, 9),
        'H' => Part::Number(Field::Hour, 2, 2),
        'h' | 'I' => Part::Number(Field::HalfdayClockHour, 2, 2),
        'i' => Part::Number(Field::Minute, 2, 2),
        'j' => Part::Number(Field::DayOfYear, 3, 3),
        'k' => Part::Number(Field::Hour, 1, 2),
        'l' => Part::Number(Field::HalfdayClockHour, 1, 2),
        'M' => Part::Name(Field::Month, Length::Full),
        'm' => Part::Number(Field::Month, 2, 2),
        'p' => Part::Half,
        'r' | 'T' => {
            let time = if letter == 'r' {
                "%h:%i:%s %p"
            } else {
                "%H:%i:%s"
            };
            parts.extend(read(time)?.0);
            return Ok(());
        }
        'S' | 's' => Part::Number(Field::Second, 2, 2),
        'v' => Part::Number(Field::Week, 2, 2),
        'W' => Part::Name(Field::DayOfWeek, Length::Full),
        'x' => Part::Number(Field::Weekyear, 4, 4),
        'Y' => Part::Number(Field::Year, 4, 4),
        'y' => Part::TwoDigits(Field::Year, PIVOT, Years::Two),
        'w' | 'U' | 'u' | 'V' | 'X' | 'D' => {
            return Err(invalid(format!(
                "%{letter} not supported in date format string"
            )));
        }
        other => Part::Literal(other.to_string()),
    });
    Ok(())
}
