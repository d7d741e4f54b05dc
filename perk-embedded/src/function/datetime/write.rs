//! Values as Presto spells them in text.

use super::moment::PlaceTime;
use crate::calendar::{DAY, Zone};
use crate::encode::text;

fn spelled(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap_or_default()
}

pub(crate) fn date(days: i32) -> String {
    spelled(|out| text::date(days.into(), out))
}

pub(crate) fn time(of_day: i32) -> String {
    spelled(|out| text::time(i64::from(of_day).rem_euclid(DAY).unsigned_abs(), out))
}

pub(crate) fn zoned_time(time: PlaceTime) -> String {
    let zone = if time.offset == 0 {
        "UTC".to_owned()
    } else {
        spelled(|out| text::offset(time.offset, out))
    };
    format!("{} {zone}", self::time(time.of_day))
}

pub(crate) fn timestamp(local: i64) -> String {
    spelled(|out| text::timestamp(local, out))
}

pub(crate) fn zoned_timestamp(instant: i64, zone: &Zone) -> String {
    spelled(|out| text::zoned_timestamp(instant, zone, out))
}

pub(crate) fn months(value: i32) -> String {
    spelled(|out| text::months(value, out))
}

pub(crate) fn duration(milliseconds: i64) -> String {
    spelled(|out| text::duration(milliseconds, out))
}
