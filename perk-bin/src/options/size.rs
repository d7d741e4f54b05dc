//! Sizes in bytes, as people write them.

/// Reads `1MiB`, `512KiB`, `2GiB` or a number of bytes.
pub(crate) fn parse(text: &str) -> Result<usize, String> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        _ => return Err("give a number of bytes, KiB, MiB or GiB, like 64MiB".to_owned()),
    };
    let number: usize = number
        .parse()
        .map_err(|_| "give a number first, like 64MiB".to_owned())?;
    number
        .checked_mul(factor)
        .ok_or_else(|| "this is more than there is".to_owned())
}

/// Reads a size, `off` (nothing) or `all` (everything).
pub(crate) fn parse_bound(text: &str) -> Result<usize, String> {
    match text {
        "off" => Ok(0),
        "all" => Ok(usize::MAX),
        size => parse(size).map_err(|error| format!("{error}; or off, or all")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(parse("64MiB"), Ok(64 << 20));
        assert_eq!(parse("10"), Ok(10));
        assert_eq!(parse("1 k"), Ok(1024));
        assert_eq!(parse_bound("all"), Ok(usize::MAX));
        for wrong in ["", "MiB", "1TiB", "-1", "99999999999999GiB"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
