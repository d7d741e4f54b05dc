//! The address under which clients reach this server.

use std::fmt;
use std::str::FromStr;

use http::request::Parts;
use http::{HeaderMap, Uri, header};

use super::{PeerAddress, Refusal, ServerConfig};

/// A server's address as clients write it: `https://perk.example:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicAddress(String);

/// An external URL that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} must look like https://host:port, without a path")]
pub struct InvalidExternalUrl(String);

impl fmt::Display for PublicAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PublicAddress {
    type Err = InvalidExternalUrl;

    fn from_str(given: &str) -> Result<Self, InvalidExternalUrl> {
        let invalid = || InvalidExternalUrl(given.to_owned());
        let trimmed = given.strip_suffix('/').unwrap_or(given);
        let (scheme, authority) = trimmed.split_once("://").ok_or_else(invalid)?;
        if matches!(scheme, "http" | "https") && is_authority(authority) {
            Ok(Self(trimmed.to_owned()))
        } else {
            Err(invalid())
        }
    }
}

/// The address that the answers to one request are to name.
#[derive(Debug)]
pub(super) struct Public(String);

impl Public {
    /// The configured address; else what a trusted proxy says; else the host that the client asked.
    pub(super) fn of(head: &Parts, config: &ServerConfig) -> Result<Self, Refusal> {
        if let Some(external) = &config.external_url {
            return Ok(Self(external.0.clone()));
        }
        let peer = head
            .extensions
            .get::<PeerAddress>()
            .map(|peer| peer.0.to_canonical());
        let trusted =
            peer.is_some_and(|peer| config.trusted_proxies.iter().any(|net| net.contains(&peer)));
        let proxied = |name| {
            if trusted {
                first(&head.headers, name)
            } else {
                None
            }
        };
        let asked = first(&head.headers, header::HOST.as_str())
            .or_else(|| head.uri.authority().map(http::uri::Authority::as_str));
        let scheme = match proxied("x-forwarded-proto") {
            None | Some("http") => "http",
            Some("https") => "https",
            Some(_) => {
                return Err(Refusal::bad_request(
                    "the X-Forwarded-Proto header must be http or https",
                ));
            }
        };
        let authority = proxied("x-forwarded-host").or(asked);
        let authority = authority.filter(|authority| is_authority(authority));
        let authority =
            authority.ok_or_else(|| Refusal::bad_request("the Host header must name a host"))?;
        Ok(Self(match proxied("x-forwarded-port") {
            Some(port) if port.parse::<u16>().is_ok() => {
                format!("{scheme}://{}:{port}", host_of(authority))
            }
            Some(_) => {
                return Err(Refusal::bad_request(
                    "the X-Forwarded-Port header must be a port",
                ));
            }
            None => format!("{scheme}://{authority}"),
        }))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A header's value; the first of several, which is the one nearest to the client.
fn first<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.split(',').next().unwrap_or_default().trim()).filter(|value| !value.is_empty())
}

/// Whether this is a host and perhaps a port, and nothing that could mean something else in a URI or in JSON.
fn is_authority(text: &str) -> bool {
    let harmless =
        |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    !text.is_empty()
        && text.bytes().all(harmless)
        && format!("http://{text}/").parse::<Uri>().is_ok()
}

fn host_of(authority: &str) -> &str {
    match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => &authority[..colon],
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(config: &ServerConfig, peer: &str, headers: &[(&str, &str)]) -> Result<String, String> {
        let mut request = http::Request::builder().uri("/v1/statement");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut head, ()) = request.body(()).unwrap().into_parts();
        head.extensions.insert(PeerAddress(peer.parse().unwrap()));
        Public::of(&head, config)
            .map(|public| public.0)
            .map_err(|refusal| refusal.text)
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let config = ServerConfig {
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
            ..ServerConfig::default()
        };
        let headers = [
            ("Host", "inside:8080"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "perk.example, inner"),
            ("X-Forwarded-Port", "8443"),
        ];
        assert_eq!(
            seen(&config, "10.1.2.3", &headers).unwrap(),
            "https://perk.example:8443"
        );
        assert_eq!(
            seen(&config, "::ffff:10.1.2.3", &headers).unwrap(),
            "https://perk.example:8443"
        );
        assert_eq!(
            seen(&config, "11.1.2.3", &headers).unwrap(),
            "http://inside:8080"
        );
        assert_eq!(
            seen(&config, "10.1.2.3", &headers[..1]).unwrap(),
            "http://inside:8080"
        );
        assert_eq!(
            seen(&config, "10.1.2.3", &headers[..3]).unwrap(),
            "https://perk.example"
        );
        let external_url = Some("https://outside/".parse().unwrap());
        assert_eq!(
            seen(
                &ServerConfig {
                    external_url,
                    ..config
                },
                "11.1.2.3",
                &headers
            )
            .unwrap(),
            "https://outside"
        );
    }

    #[test]
    fn a_host_cannot_carry_anything_else() {
        for host in ["", "a\"b", "a/b", "a@b", "a b", "a?b"] {
            assert!(
                seen(&ServerConfig::default(), "127.0.0.1", &[("Host", host)]).is_err(),
                "{host}"
            );
        }
        assert_eq!(
            seen(
                &ServerConfig::default(),
                "127.0.0.1",
                &[("Host", "[::1]:80")]
            )
            .unwrap(),
            "http://[::1]:80"
        );
        assert!("perk.example".parse::<PublicAddress>().is_err());
        assert!(
            "https://perk.example/path"
                .parse::<PublicAddress>()
                .is_err()
        );
    }
}
