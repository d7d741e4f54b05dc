//! Bytes as digits, and as numbers.

use std::fmt::Write;

use base64::Engine;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::error::Result;
use crate::function::cell::{Bigint, Bytes, Cell, Double, Integer, Real, Text, each1};
use crate::function::{Function, function, invalid};

/// Reads with the signs at the end and without them, as Java does.
const fn engine(alphabet: &Alphabet) -> GeneralPurpose {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(alphabet, lenient)
}

const BASE64: GeneralPurpose = engine(&STANDARD);
const BASE64_URL: GeneralPurpose = engine(&URL_SAFE);

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(super) fn functions() -> Vec<Function> {
    vec![
        encoder("to_hex", "Encode binary data as hex", |bytes| {
            let mut out = String::with_capacity(bytes.len() * 2);
            for byte in bytes {
                // Writing to text does not fail.
                let _ = write!(out, "{byte:02X}");
            }
            out
        }),
        decoder("from_hex", "Decode hex encoded binary data", from_hex),
        encoder("to_base64", "Encode binary data as base64", |bytes| {
            BASE64.encode(bytes)
        }),
        decoder("from_base64", "Decode base64 encoded binary data", |text| {
            from_base64(&BASE64, text)
        }),
        encoder(
            "to_base64url",
            "Encode binary data as base64 using the URL safe alphabet",
            |bytes| BASE64_URL.encode(bytes),
        ),
        decoder(
            "from_base64url",
            "Decode URL safe base64 encoded binary data",
            |text| from_base64(&BASE64_URL, text),
        ),
        encoder("to_base32", "Encode binary data as base32", to_base32),
        decoder(
            "from_base32",
            "Decode base32 encoded binary data",
            from_base32,
        ),
        writer::<Bigint>(
            "to_big_endian_64",
            "Encode value as a 64-bit 2's complement big endian varbinary",
            "bigint -> varbinary",
            |value| value.to_be_bytes().to_vec(),
        ),
        reader::<Bigint, 8>(
            "from_big_endian_64",
            "Decode bigint value from a 64-bit 2's complement big endian varbinary",
            "varbinary -> bigint",
            |given| format!("expected 8-byte input, but got instead: {given}"),
            i64::from_be_bytes,
        ),
        writer::<Integer>(
            "to_big_endian_32",
            "Encode value as a 32-bit 2's complement big endian varbinary",
            "integer -> varbinary",
            |value| value.to_be_bytes().to_vec(),
        ),
        reader::<Integer, 4>(
            "from_big_endian_32",
            "Decode bigint value from a 32-bit 2's complement big endian varbinary",
            "varbinary -> integer",
            |given| format!("expected 4-byte input, but got instead: {given}"),
            i32::from_be_bytes,
        ),
        writer::<Double>(
            "to_ieee754_64",
            "Encode value as a big endian varbinary according to IEEE 754 double-precision floating-point format",
            "double -> varbinary",
            |value| value.to_be_bytes().to_vec(),
        ),
        reader::<Double, 8>(
            "from_ieee754_64",
            "Decode the 64-bit big-endian binary in IEEE 754 double-precision floating-point format",
            "varbinary -> double",
            |_| "Input floating-point value must be exactly 8 bytes long".to_owned(),
            f64::from_be_bytes,
        ),
        writer::<Real>(
            "to_ieee754_32",
            "Encode value as a big endian varbinary according to IEEE 754 single-precision floating-point format",
            "real -> varbinary",
            |value| value.to_be_bytes().to_vec(),
        ),
        reader::<Real, 4>(
            "from_ieee754_32",
            "Decode the 32-bit big-endian binary in IEEE 754 single-precision floating-point format",
            "varbinary -> real",
            |_| "Input floating-point value must be exactly 4 bytes long".to_owned(),
            f32::from_be_bytes,
        ),
    ]
}

fn encoder(name: &'static str, description: &'static str, work: fn(&[u8]) -> String) -> Function {
    function(name, description).form(
        "varbinary -> varchar",
        each1::<Bytes, Text>(move |bytes| Ok(work(bytes))),
    )
}

/// From text, or from the bytes of text.
fn decoder(
    name: &'static str,
    description: &'static str,
    work: fn(&[u8]) -> Result<Vec<u8>>,
) -> Function {
    function(name, description)
        .form(
            "varchar -> varbinary",
            each1::<Text, Bytes>(move |text| work(text.as_bytes())),
        )
        .form("varbinary -> varbinary", each1::<Bytes, Bytes>(work))
}

fn writer<N: Cell + 'static>(
    name: &'static str,
    description: &'static str,
    signature: &'static str,
    bytes: for<'a> fn(N::Read<'a>) -> Vec<u8>,
) -> Function {
    function(name, description).form(signature, each1::<N, Bytes>(move |value| Ok(bytes(value))))
}

fn reader<N: Cell + 'static, const SIZE: usize>(
    name: &'static str,
    description: &'static str,
    signature: &'static str,
    wrong: fn(usize) -> String,
    value: fn([u8; SIZE]) -> N::Made,
) -> Function
where
    N::Made: 'static,
{
    let read = move |bytes: &[u8]| match bytes.try_into() {
        Ok(bytes) => Ok(value(bytes)),
        Err(_) => Err(invalid(wrong(bytes.len()))),
    };
    function(name, description).form(signature, each1::<Bytes, N>(read))
}

/// Two digits' byte.
pub(super) fn byte(digits: &[char]) -> Option<u8> {
    let digit = |digit: &char| {
        digit
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let [high, low] = digits else {
        return None;
    };
    Some(digit(high)? << 4 | digit(low)?)
}

fn from_hex(text: &[u8]) -> Result<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return Err(invalid(format!("invalid input length {}", text.len())));
    }
    let digits: Vec<char> = text.iter().map(|digit| char::from(*digit)).collect();
    if let Some(wrong) = digits.iter().find(|digit| !digit.is_ascii_hexdigit()) {
        return Err(invalid(format!("invalid hex character: {wrong}")));
    }
    Ok(digits.chunks(2).filter_map(byte).collect())
}

fn from_base64(engine: &GeneralPurpose, text: &[u8]) -> Result<Vec<u8>> {
    engine.decode(text).map_err(|error| match error {
        base64::DecodeError::InvalidByte(_, byte) => {
            invalid(format!("Illegal base64 character {byte:x}"))
        }
        base64::DecodeError::InvalidLength(_) if text.len() < 2 => {
            invalid("Input byte[] should at least have 2 bytes for base64 bytes")
        }
        base64::DecodeError::InvalidLength(_) => {
            invalid("Last unit does not have enough valid bits")
        }
        _ => invalid("Input byte array has wrong 4-byte ending unit"),
    })
}

fn to_base32(bytes: &[u8]) -> String {
    let mut out = String::new();
    for group in bytes.chunks(5) {
        let mut bits = [0; 8];
        bits[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(bits);
        let digits = (group.len() * 8).div_ceil(5);
        for place in 0..8 {
            let digit = usize::try_from(bits >> (35 - 5 * place) & 31).unwrap_or(0);
            out.push(if place < digits {
                char::from(BASE32[digit])
            } else {
                '='
            });
        }
    }
    out
}

fn from_base32(text: &[u8]) -> Result<Vec<u8>> {
    let end = text
        .iter()
        .rposition(|digit| *digit != b'=')
        .map_or(0, |last| last + 1);
    let (mut bits, mut known, mut out) = (0_u32, 0_u32, Vec::new());
    for digit in &text[..end] {
        let value = BASE32
            .iter()
            .zip(0_u32..)
            .find(|(known, _)| *known == digit);
        let Some((_, value)) = value else {
            let shown = char::from(*digit);
            return Err(invalid(format!("Unrecognized character: {shown}")));
        };
        bits = bits << 5 | value;
        known += 5;
        if known >= 8 {
            known -= 8;
            out.extend(u8::try_from(bits >> known & 0xFF));
            bits &= (1 << known) - 1;
        }
    }
    Ok(out)
}
