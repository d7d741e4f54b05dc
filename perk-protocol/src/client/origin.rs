//! A coordinator's address.

use std::fmt;
use std::str::FromStr;

use http::Uri;

/// Scheme, host and port. Two spellings of one address are equal.
///
/// ```
/// use perk_protocol::Origin;
/// let origin: Origin = "http://Coordinator/".parse().unwrap();
/// assert_eq!(origin.to_string(), "http://coordinator:80");
/// assert!(origin.holds("http://coordinator:80/v1/statement"));
/// assert!(!origin.holds("http://elsewhere/v1/statement"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    host: String,
    port: u16,
}

/// An address that cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{given:?} is not a coordinator's address: {reason}")]
pub struct InvalidOrigin {
    given: String,
    reason: &'static str,
}

impl Origin {
    /// The origin of a URI, whatever its path.
    pub fn of(uri: &str) -> Result<Self, InvalidOrigin> {
        let invalid = |reason| InvalidOrigin {
            given: uri.chars().take(200).collect(),
            reason,
        };
        let parsed: Uri = uri
            .parse()
            .map_err(|_| invalid("it must look like http://host:port"))?;
        match parsed.scheme_str() {
            Some("http") => {}
            Some("https") => {
                return Err(invalid(
                    "TLS towards clusters is not supported yet, use http",
                ));
            }
            _ => return Err(invalid("it must begin with http://")),
        }
        if parsed
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'))
        {
            return Err(invalid("credentials do not belong into an address"));
        }
        let host = parsed
            .host()
            .filter(|host| !host.is_empty())
            .ok_or_else(|| invalid("it names no host"))?;
        let alone = parsed.authority().is_some_and(|a| a.as_str() == host);
        let port = if alone { Some(80) } else { parsed.port_u16() };
        let port = port.filter(|port| *port > 0);
        Ok(Self {
            host: host.to_ascii_lowercase(),
            port: port.ok_or_else(|| invalid("its port must be a number from 1 to 65535"))?,
        })
    }

    /// Whether a URI is this origin's.
    pub fn holds(&self, uri: &str) -> bool {
        Self::of(uri).is_ok_and(|origin| origin == *self)
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    /// An address alone: no path, no query.
    fn from_str(given: &str) -> Result<Self, InvalidOrigin> {
        let origin = Self::of(given)?;
        let path = given
            .parse::<Uri>()
            .ok()
            .and_then(|uri| uri.path_and_query().map(|p| p.as_str().to_owned()));
        match path.as_deref() {
            None | Some("" | "/") => Ok(origin),
            Some(_) => Err(InvalidOrigin {
                given: given.to_owned(),
                reason: "it must end after the port",
            }),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_scheme_host_and_port_is_the_same_origin() {
        let origin: Origin = "http://a.example:8080".parse().unwrap();
        for (uri, holds) in [
            ("http://a.example:8080/v1/statement/queued/x?slug=y", true),
            ("http://A.Example:8080/", true),
            ("http://a.example/", false),
            ("https://a.example:8080/", false),
            ("http://a.example:8080@evil.example/", false),
            ("http://user@a.example:8080/", false),
            ("http://a.example.evil:8080/", false),
            ("//a.example:8080/", false),
            ("/v1/statement", false),
            ("", false),
        ] {
            assert_eq!(origin.holds(uri), holds, "{uri}");
        }
    }

    #[test]
    fn an_address_says_what_is_wrong_with_it() {
        for (given, reason) in [
            ("localhost:8080", "http://"),
            ("https://a", "TLS"),
            ("http://a/b", "after the port"),
            ("http://u:p@a", "credentials"),
            ("http:///x", ""),
            ("http://a:99999", "port"),
            ("http://a:", "port"),
            ("http://[::1]:0", "port"),
        ] {
            let error = given.parse::<Origin>().unwrap_err().to_string();
            assert!(error.contains(reason), "{given}: {error}");
        }
    }
}
