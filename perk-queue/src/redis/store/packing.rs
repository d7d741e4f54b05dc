//! Rows made smaller, and as they were again.

use bytes::Bytes;
use perk_core::Unavailable;
use serde::{Deserialize, Serialize};

use crate::redis::connection::SERVICE;

/// How rows are stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PageCompression {
    /// As the cluster wrote them.
    None,
    /// With LZ4, where that makes them smaller: rows as Presto writes them about half as large. All that read results must be of a
    /// version that knows it; any of those reads both.
    #[default]
    Lz4,
}

/// Smaller rows are not worth it: they are as much a matter of what is around them.
const WORTH_IT: usize = 4 << 10;
/// What takes longer than other tasks should wait is done where it keeps nobody waiting: about half a millisecond.
const LONG: usize = 256 << 10;
/// What Redis can hold in one value, so that no rows can have been larger.
const LARGEST: usize = 512 << 20;
/// LZ4 makes nothing smaller than this part of what it was, so that what says it was larger is not believed.
const BEST: usize = 255;

/// How rows were made smaller, as it is written beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Packed {
    /// With LZ4, from so many bytes.
    Lz4(usize),
}

/// The rows as they are to be stored, and how they were made smaller, if they were.
pub(super) async fn pack(compression: PageCompression, rows: &Bytes) -> (Bytes, Option<Packed>) {
    let length = rows.len();
    if compression == PageCompression::None || !(WORTH_IT..=LARGEST).contains(&length) {
        return (rows.clone(), None);
    }
    let packed = if length < LONG {
        lz4_flex::block::compress(rows)
    } else {
        let rows = rows.clone();
        let packing = tokio::task::spawn_blocking(move || lz4_flex::block::compress(&rows));
        // It neither panics nor is cancelled, unless the process is about to end.
        packing.await.unwrap_or_default()
    };
    // An eighth less is not worth a reader's time.
    if packed.is_empty() || packed.len() > length - length / 8 {
        return (rows.clone(), None);
    }
    (Bytes::from(packed), Some(Packed::Lz4(length)))
}

/// The rows as they were. What was damaged is said to be.
pub(super) fn unpack(packed: Packed, stored: &Bytes) -> Result<Bytes, Unavailable> {
    let Packed::Lz4(length) = packed;
    let damaged = |what: String| Unavailable {
        service: SERVICE,
        reason: format!(
            "a page of the result is damaged there: its {} bytes cannot be what {length} were made of: {what}",
            stored.len()
        ),
    };
    if length > LARGEST.min(stored.len().saturating_mul(BEST)) {
        return Err(damaged("that is more than they can say".to_owned()));
    }
    let rows =
        lz4_flex::block::decompress(stored, length).map_err(|error| damaged(error.to_string()))?;
    match rows.len() {
        given if given == length => Ok(Bytes::from(rows)),
        given => Err(damaged(format!("they give {given}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize) -> Bytes {
        let row = |number: usize| format!("[{number},\"row {}\"]", number * 7);
        let rows: Vec<_> = (0..count).map(row).collect();
        Bytes::from(format!("[{}]", rows.join(",")))
    }

    async fn packed(rows: &Bytes) -> (Bytes, Packed) {
        let (stored, packed) = pack(PageCompression::Lz4, rows).await;
        assert!(stored.len() < rows.len());
        (stored, packed.expect("it is packed"))
    }

    #[tokio::test]
    async fn rows_are_as_they_were() {
        for count in [300, 10_000, 100_000] {
            let rows = rows(count);
            let (stored, packed) = packed(&rows).await;
            assert_eq!(unpack(packed, &stored).unwrap(), rows, "{count}");
        }
    }

    #[tokio::test]
    async fn what_would_not_be_smaller_is_left_alone() {
        let mut state = 1_u64;
        let noise: Vec<u8> = (0..100_000)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                state.to_be_bytes()[0]
            })
            .collect();
        for left in [rows(100), Bytes::from(noise)] {
            let stored = pack(PageCompression::Lz4, &left).await;
            assert_eq!(stored, (left, None));
        }
        let whole = rows(10_000);
        let stored = pack(PageCompression::None, &whole).await;
        assert_eq!(stored, (whole, None));
    }

    #[tokio::test]
    async fn what_was_damaged_is_said_to_be() {
        let rows = rows(10_000);
        let (stored, Packed::Lz4(length)) = packed(&rows).await;
        let refused = |stored: &Bytes, length| {
            let error = unpack(Packed::Lz4(length), stored).unwrap_err();
            assert!(error.to_string().contains("damaged"), "{error}");
        };
        refused(&stored.slice(..stored.len() / 2), length);
        refused(&Bytes::new(), length);
        refused(&rows, length);
        refused(&stored, length - 1);
        refused(&stored, length + 1);
        // Nobody makes room for what cannot be.
        refused(&stored, LARGEST + 1);
        refused(&stored.slice(..100), LARGEST);
    }
}
