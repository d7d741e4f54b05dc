//! Timestamps as instants and as what a clock shows, whichever of the two a column holds; times with a zone.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Int32Array, StructArray, Time32MillisecondArray,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Int32Type, Time32MillisecondType};

use crate::calendar::{DAY, MINUTE, Zone};
use crate::error::{Error, Kind, Result};
use crate::function::Call;
use crate::function::cell::{Cell, Timestamp};
use crate::session::Session;
use crate::types::Type;

/// How the values of a type of timestamps are to be understood.
#[derive(Debug, Clone)]
pub(crate) struct Moments {
    zone: Zone,
    held: Held,
}

#[derive(Debug, Clone, Copy)]
enum Held {
    Instants,
    Clock,
}

impl Moments {
    pub(crate) fn of(kind: &Type, session: &Session) -> Result<Self> {
        Ok(match kind {
            Type::TimestampWithZone(zone) => Self {
                zone: known(zone)?,
                held: Held::Instants,
            },
            _ => Self {
                zone: session.time_zone.clone(),
                held: Held::Clock,
            },
        })
    }

    pub(crate) fn zone(&self) -> &Zone {
        &self.zone
    }

    pub(crate) fn local(&self, value: i64) -> i64 {
        match self.held {
            Held::Instants => self.zone.local(value),
            Held::Clock => value,
        }
    }

    pub(crate) fn instant(&self, value: i64) -> i64 {
        match self.held {
            Held::Instants => value,
            Held::Clock => self.zone.instant(value),
        }
    }

    pub(crate) fn at_local(&self, local: i64) -> i64 {
        // By the instant, since a clock that is set ahead leaves out what it would have shown.
        self.at_instant(self.zone.instant(local))
    }

    pub(crate) fn at_instant(&self, instant: i64) -> i64 {
        match self.held {
            Held::Instants => instant,
            Held::Clock => self.zone.local(instant),
        }
    }

    /// The value when the clock shows this, of two such moments the one in the same season as `from` is.
    pub(crate) fn moved(&self, from: i64, local: i64) -> i64 {
        self.at_instant(self.zone.instant_like(self.instant(from), local))
    }

    /// The value when the clock of another zone shows this. A column has one zone for all of its values, so that what
    /// is in one is in none that only a value tells.
    pub(crate) fn at_local_of(&self, zone: &Zone, local: i64) -> Result<i64> {
        match self.held {
            Held::Instants if zone.name() != self.zone.name() => Err(not_written()),
            _ => Ok(self.at_instant(zone.instant(local))),
        }
    }
}

/// The zone of a column.
fn known(name: &str) -> Result<Zone> {
    Zone::new(name).ok_or_else(|| not_supported(name))
}

/// What is said where a column would have values of several zones.
pub(crate) fn not_written() -> Error {
    Error::new(
        Kind::NotSupported,
        "the time zone must be written as it is, and be the same for all rows",
    )
}

pub(crate) fn not_supported(zone: &str) -> Error {
    Error::new(
        Kind::NotSupported,
        format!("Time zone not supported: {zone}"),
    )
}

/// A function of a timestamp, with a zone or without, which is the first argument.
pub(crate) fn by_moment<R: Cell>(
    work: impl Fn(&Moments, i64) -> Result<R::Made> + Send + Sync + 'static,
) -> impl Fn(&Call<'_>) -> Result<ArrayRef> + Send + Sync + 'static {
    move |call| {
        let moments = Moments::of(&call.types[0], call.session)?;
        let values = Timestamp::column(&call.arguments[0]);
        call.rows::<R>(|row| {
            if values.is_null(row) {
                return Ok(None);
            }
            work(&moments, values.value(row)).map(Some)
        })
    }
}

/// A function of a timestamp and something else, in the order that these places tell.
pub(crate) fn by_moment_and<A: Cell, R: Cell>(
    [moment, other]: [usize; 2],
    work: impl for<'a> Fn(&Moments, i64, A::Read<'a>) -> Result<R::Made> + Send + Sync + 'static,
) -> impl Fn(&Call<'_>) -> Result<ArrayRef> + Send + Sync + 'static {
    move |call| {
        let moments = Moments::of(&call.types[moment], call.session)?;
        let values = Timestamp::column(&call.arguments[moment]);
        let others = A::column(&call.arguments[other]);
        call.rows::<R>(|row| {
            if values.is_null(row) || others.is_null(row) {
                return Ok(None);
            }
            work(&moments, values.value(row), A::read(others, row)).map(Some)
        })
    }
}

/// A time at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlaceTime {
    /// Milliseconds of the day there.
    pub(crate) of_day: i32,
    /// Minutes that the place is ahead of UTC.
    pub(crate) offset: i32,
}

impl PlaceTime {
    /// Whatever day it is.
    pub(crate) fn new(local: i64, offset: i32) -> Self {
        Self {
            of_day: of_day(local),
            offset,
        }
    }

    /// When it is that time in UTC.
    pub(crate) fn in_utc(time: i32, offset: i32) -> Self {
        Self::new(i64::from(time) + i64::from(offset) * MINUTE, offset)
    }

    /// The same instant at a place with another offset.
    pub(crate) fn moved(self, offset: i32) -> Self {
        let by = i64::from(offset - self.offset) * MINUTE;
        Self::new(i64::from(self.of_day) + by, offset)
    }

    /// When it is that time there, on the first day of 1970.
    pub(crate) fn instant(self) -> i64 {
        i64::from(self.of_day) - i64::from(self.offset) * MINUTE
    }
}

/// The time of a moment's day.
pub(crate) fn of_day(local: i64) -> i32 {
    i32::try_from(local.rem_euclid(DAY)).unwrap_or(0)
}

/// How many minutes a zone was ahead of UTC when 1970 began, which is what Presto takes for times without a day.
pub(crate) fn offset_of(zone: &Zone) -> i32 {
    i32::try_from(zone.ahead(0) / MINUTE).unwrap_or(0)
}

/// Of a column of times with a zone.
pub(crate) enum ZonedTime {}

impl Cell for ZonedTime {
    type Column = StructArray;
    type Read<'a> = PlaceTime;
    type Made = PlaceTime;

    fn column(array: &ArrayRef) -> &Self::Column {
        array.as_struct()
    }

    fn read(column: &Self::Column, row: usize) -> PlaceTime {
        let in_utc = column.column(0).as_primitive::<Time32MillisecondType>();
        let offsets = column.column(1).as_primitive::<Int32Type>();
        PlaceTime::in_utc(in_utc.value(row), offsets.value(row))
    }

    fn make(values: impl Iterator<Item = Option<PlaceTime>>, kind: &DataType) -> ArrayRef {
        let values: Vec<Option<PlaceTime>> = values.collect();
        let in_utc = |time: PlaceTime| i32::try_from(time.instant()).ok();
        let times: Time32MillisecondArray =
            values.iter().map(|value| value.and_then(in_utc)).collect();
        let offsets: Int32Array = values
            .iter()
            .map(|value| value.map(|time| time.offset))
            .collect();
        let nulls: NullBuffer = values.iter().map(Option::is_some).collect();
        let fields = match kind {
            DataType::Struct(fields) => fields.clone(),
            _ => return Arc::new(times),
        };
        let columns: Vec<ArrayRef> = vec![Arc::new(times), Arc::new(offsets)];
        Arc::new(StructArray::new(fields, columns, Some(nulls)))
    }
}
