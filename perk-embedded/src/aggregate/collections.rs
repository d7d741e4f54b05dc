//! Aggregates that give arrays and maps.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, ListArray, MapArray, PrimitiveArray, StructArray,
    UInt32Array, new_empty_array, new_null_array,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::compute::{concat, take};
use datafusion::arrow::datatypes::{DataType, Float32Type, Float64Type, Int64Type};
use datafusion::common::DataFusionError;
use datafusion::functions_aggregate::array_agg::array_agg_udaf;

use super::convert::as_type;
use super::definition::{Aggregation, Distinct, Passed, aggregation};
use super::gathered::{Gathered, firsts, list, rows};
use crate::error::{Error, Kind, Result};
use crate::types::Type;

pub(super) fn aggregations() -> Vec<Aggregation> {
    vec![
        aggregation("array_agg", "return an array of values")
            .passed(
                "T -> array(T)",
                Passed::to(array_agg_udaf()).distinct(Distinct::Told),
            )
            .ordered(),
        aggregation("set_agg", "return an array of the different values")
            .gathered("T -> array(T)", Arc::new(set_agg)),
        aggregation(
            "set_union",
            "Given a column of array type, return an array of all the unique values contained in each of the arrays in the column",
        )
        .gathered("array(T) -> array(T)", Arc::new(set_union)),
        aggregation(
            "map_agg",
            "Aggregates all the rows (key/value pairs) into a single map",
        )
        .gathered("K, V -> map(K,V)", Arc::new(map_agg)),
        aggregation(
            "multimap_agg",
            "Aggregates all the rows (key/value pairs) into a single multimap",
        )
        .gathered("K, V -> map(K,array(V))", Arc::new(multimap_agg)),
        aggregation("histogram", "Count the number of times each value occurs")
            .gathered("K -> map(K,bigint)", Arc::new(histogram)),
        aggregation("map_union", "Aggregate all the maps into a single map")
            .gathered("map(K,V) -> map(K,V)", Arc::new(map_union)),
        aggregation(
            "map_union_sum",
            "Aggregate all the maps into a single map summing the values for matching keys",
        )
        .gathered("map(K,V) -> map(K,V)", Arc::new(map_union_sum))
        .only(|arguments| {
            matches!(arguments, [Type::Map(_, value)] if has_simple_sum(value))
        }),
    ]
}

fn has_simple_sum(kind: &Type) -> bool {
    kind.is_integer() || matches!(kind, Type::Real | Type::Double)
}

fn set_agg(gathered: &Gathered<'_>) -> Result<ArrayRef> {
    let values = &gathered.columns[0];
    if values.is_empty() {
        return Ok(new_null_array(gathered.returns, 1));
    }
    let firsts = firsts(&rows(std::slice::from_ref(values))?);
    Ok(Arc::new(list(picked(values, &firsts)?)))
}

fn set_union(gathered: &Gathered<'_>) -> Result<ArrayRef> {
    let lists = gathered.columns[0].as_list::<i32>();
    if lists.null_count() == lists.len() {
        return Ok(new_null_array(gathered.returns, 1));
    }
    let values = joined(lists.iter().flatten(), &lists.value_type())?;
    let firsts = firsts(&rows(std::slice::from_ref(&values))?);
    Ok(Arc::new(list(picked(&values, &firsts)?)))
}

/// Of a key that comes again, the first value stays.
fn map_agg(gathered: &Gathered<'_>) -> Result<ArrayRef> {
    let groups = Groups::of(&gathered.columns[0])?;
    let values = picked(&gathered.columns[1], &groups.firsts())?;
    groups.map(&values, gathered)
}

fn multimap_agg(gathered: &Gathered<'_>) -> Result<ArrayRef> {
    let groups = Groups::of(&gathered.columns[0])?;
    let all: Vec<u32> = groups.members.iter().flatten().copied().collect();
    let values = picked(&gathered.columns[1], &all.into())?;
    let DataType::List(field) = list(values.clone()).data_type().clone() else {
        return Err(Error::new(Kind::Internal, "a list is none"));
    };
    let lengths = OffsetBuffer::from_lengths(groups.members.iter().map(Vec::len));
    let lists: ArrayRef = Arc::new(ListArray::new(field, lengths, values, None));
    groups.map(&lists, gathered)
}

fn histogram(gathered: &Gathered<'_>) -> Result<ArrayRef> {
    let groups = Groups::of(&gathered.columns[0])?;
    let counts = groups.members.iter();
    let counts = counts.map(|members| i64::try_from(members.len()).unwrap_or(i64::MAX));
    let counts: ArrayRef = Arc::new(Int64Array::from_iter_values(counts));
    groups.map(&counts, gathered)
}

fn map_union(gathered: &Gathered<'_>) -> Result<ArrayRef> {
    let Some([keys, values]) = entries(&gathered.columns[0])? else {
        return Ok(new_null_array(gathered.returns, 1));
    };
    let groups = Groups::of(&keys)?;
    let values = picked(&values, &groups.firsts())?;
    groups.entries(&values, gathered)
}

fn map_union_sum(gathered: &Gathered<'_>) -> Result<ArrayRef> {
    let Some([keys, values]) = entries(&gathered.columns[0])? else {
        return Ok(new_null_array(gathered.returns, 1));
    };
    let groups = Groups::of(&keys)?;
    let sums = groups.sums(&values)?;
    groups.entries(&sums, gathered)
}

/// The keys and values of all maps, if there is one.
fn entries(maps: &ArrayRef) -> Result<Option<[ArrayRef; 2]>> {
    let maps = maps.as_map();
    if maps.null_count() == maps.len() {
        return Ok(None);
    }
    let parts = |i: usize, kind: &DataType| {
        let valid = (0..maps.len()).filter(|row| maps.is_valid(*row));
        joined(valid.map(|row| maps.value(row).column(i).clone()), kind)
    };
    Ok(Some([
        parts(0, maps.keys().data_type())?,
        parts(1, maps.values().data_type())?,
    ]))
}

/// Rows by their keys, those of no key left out.
struct Groups {
    keys: ArrayRef,
    /// The rows of each key, which are in the order that the keys came in.
    members: Vec<Vec<u32>>,
}

impl Groups {
    fn of(keys: &ArrayRef) -> Result<Self> {
        let compared = rows(std::slice::from_ref(keys))?;
        let mut known = HashMap::new();
        let mut members: Vec<Vec<u32>> = Vec::new();
        for (i, row) in (0..).zip(compared.iter().enumerate()) {
            if keys.is_null(row.0) {
                continue;
            }
            let group = *known.entry(row.1.as_ref().to_vec()).or_insert_with(|| {
                members.push(Vec::new());
                members.len() - 1
            });
            members[group].push(i);
        }
        Ok(Self {
            keys: keys.clone(),
            members,
        })
    }

    fn firsts(&self) -> UInt32Array {
        let firsts = self.members.iter().filter_map(|members| members.first());
        firsts.copied().collect::<Vec<_>>().into()
    }

    /// The keys' values as a map; NULL where there is no key.
    fn map(&self, values: &ArrayRef, gathered: &Gathered<'_>) -> Result<ArrayRef> {
        if self.members.is_empty() {
            return Ok(new_null_array(gathered.returns, 1));
        }
        self.entries(values, gathered)
    }

    fn entries(&self, values: &ArrayRef, gathered: &Gathered<'_>) -> Result<ArrayRef> {
        let no_map = || Error::new(Kind::Internal, "a map's type is none");
        let DataType::Map(field, _) = gathered.returns else {
            return Err(no_map());
        };
        let DataType::Struct(fields) = field.data_type() else {
            return Err(no_map());
        };
        let keys = as_type(&picked(&self.keys, &self.firsts())?, fields[0].data_type())?;
        let values = as_type(values, fields[1].data_type())?;
        let offsets = OffsetBuffer::from_lengths([keys.len()]);
        let entries = StructArray::new(fields.clone(), vec![keys, values], None);
        Ok(Arc::new(MapArray::new(
            field.clone(),
            offsets,
            entries,
            None,
            false,
        )))
    }

    /// Of each key's values, NULL being nothing.
    fn sums(&self, values: &ArrayRef) -> Result<ArrayRef> {
        macro_rules! sums {
            ($values:expr, $arrow:ty, $zero:expr, $add:expr) => {{
                let values = $values.as_primitive::<$arrow>();
                let sums = self.members.iter().map(|members| {
                    let valid = members
                        .iter()
                        .filter_map(|row| usize::try_from(*row).ok())
                        .filter(|row| values.is_valid(*row));
                    valid.map(|row| values.value(row)).try_fold($zero, $add)
                });
                let sums = sums.collect::<Option<Vec<_>>>().ok_or_else(too_large)?;
                let sums = PrimitiveArray::<$arrow>::from_iter_values(sums);
                Ok(Arc::new(sums.with_data_type(values.data_type().clone())))
            }};
        }
        match values.data_type() {
            DataType::Float64 => sums!(values, Float64Type, 0.0, |sum: f64, value| Some(
                sum + value
            )),
            DataType::Float32 => sums!(values, Float32Type, 0.0, |sum: f32, value| Some(
                sum + value
            )),
            _ => {
                let whole = as_type(values, &DataType::Int64)?;
                sums!(whole, Int64Type, 0, i64::checked_add)
            }
        }
    }
}

fn too_large() -> Error {
    Error::new(Kind::NumericValueOutOfRange, "bigint addition overflow")
}

fn picked(values: &ArrayRef, rows: &UInt32Array) -> Result<ArrayRef> {
    Ok(take(values, rows, None).map_err(DataFusionError::from)?)
}

/// One column of all these.
fn joined(parts: impl Iterator<Item = ArrayRef>, kind: &DataType) -> Result<ArrayRef> {
    let parts: Vec<ArrayRef> = parts.collect();
    if parts.is_empty() {
        return Ok(new_empty_array(kind));
    }
    let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
    Ok(concat(&parts).map_err(DataFusionError::from)?)
}
