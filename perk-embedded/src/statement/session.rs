//! `USE`, `SET` and `RESET`: what the client's session becomes. The client keeps it, and tells it with each statement.

use std::fmt::Display;

use datafusion::sql::sqlparser::ast::Expr;
use perk_core::Dialect;

use super::answer::{Answer, encoded, header};
use super::properties::Property;
use super::said::{NewZone, Role};
use super::{Setting, at_start, properties};
use crate::calendar::Zone;
use crate::error::{Error, Kind, Position, Result};
use crate::session::TIME_ZONE;

/// Only the catalog must be there, as in Presto.
pub(super) fn use_schema(
    catalog: Option<String>,
    schema: String,
    setting: &Setting,
) -> Result<Answer> {
    let mut headers = Vec::new();
    if let Some(catalog) = catalog {
        if setting.catalogs.get(&catalog).is_none() {
            return Err(no_catalog(&catalog));
        }
        headers.push(header("Set-Catalog", catalog));
    } else if setting.session.catalog.is_none() {
        return Err(at_start(
            Kind::MissingSession,
            "Catalog must be specified when session catalog is not set",
        ));
    }
    headers.push(header("Set-Schema", schema));
    Answer::done(setting.session.dialect, "USE", headers)
}

/// What Presto says of a catalog that is not there, where something is to be changed in it.
pub(super) fn no_catalog(catalog: &str) -> Error {
    let message = format!("Catalog does not exist: {catalog}");
    Error::new(Kind::NotFound, message)
}

pub(super) fn set(
    property: &[String],
    value: &Expr,
    at: Option<Position>,
    setting: &Setting,
) -> Result<Answer> {
    let property = known(property, setting)?;
    let value = property.checked(value, at)?;
    let value = format!("{}={}", property.name, encoded(&value));
    let headers = vec![header("Set-Session", value)];
    Answer::done(setting.session.dialect, "SET SESSION", headers)
}

pub(super) fn reset(property: &[String], setting: &Setting) -> Result<Answer> {
    let property = known(property, setting)?;
    let headers = vec![header("Clear-Session", property.name)];
    Answer::done(setting.session.dialect, "RESET SESSION", headers)
}

/// A property that there is; no catalog has any.
fn known(property: &[String], setting: &Setting) -> Result<&'static Property> {
    if let [name] = property
        && let Some(known) = properties::find(name)
    {
        return Ok(known);
    }
    match property {
        [catalog, _] => Err(match setting.catalogs.get(catalog) {
            Some(_) => Error::new(
                Kind::InvalidSessionProperty,
                format!("Unknown connector {catalog}"),
            ),
            None => at_start(
                Kind::CatalogNotFound,
                format!("Catalog {catalog} does not exist"),
            ),
        }),
        name => {
            let message = format!("Session property {} does not exist", name.join("."));
            Err(at_start(Kind::Syntax, message))
        }
    }
}

/// There are no roles: what is asked for is remembered, and means nothing.
pub(super) fn set_role(role: &Role, setting: &Setting) -> Result<Answer> {
    let role = match role {
        Role::None => "NONE".to_owned(),
        Role::All => "ALL".to_owned(),
        Role::Named(name) => encoded(&format!("ROLE{{{name}}}")),
    };
    let session = &setting.session;
    let catalog = match session.dialect {
        Dialect::Presto => session.catalog.as_deref().ok_or_else(|| {
            let message = "Catalog must be specified when session catalog is not set";
            at_start(Kind::MissingSession, message)
        })?,
        Dialect::Trino => "system",
    };
    let headers = vec![header("Set-Role", format!("{catalog}={role}"))];
    Answer::done(session.dialect, "SET ROLE", headers)
}

pub(super) fn set_time_zone(zone: &NewZone, setting: &Setting) -> Result<Answer> {
    let unknown = |zone: &dyn Display| {
        let message = format!("Time zone not supported: {zone}");
        Error::new(Kind::NotSupported, message)
    };
    let zone = match zone {
        NewZone::Local => None,
        NewZone::Named(name) => Some(Zone::new(name).ok_or_else(|| unknown(name))?),
        NewZone::Ahead(minutes) => {
            let named = || unknown(&format_args!("{minutes} minutes"));
            Some(Zone::fixed(*minutes).ok_or_else(named)?)
        }
    };
    let header = match zone {
        None => header("Clear-Session", TIME_ZONE),
        Some(zone) => header(
            "Set-Session",
            format!("{TIME_ZONE}={}", encoded(zone.name())),
        ),
    };
    Answer::done(setting.session.dialect, "SET TIME ZONE", vec![header])
}
