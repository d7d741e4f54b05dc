//! What a URL consists of, as `java.net.URI` sees it.

/// A URL's parts, not decoded.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    pub(super) scheme: Option<&'a str>,
    /// None where the authority is no host's name.
    pub(super) host: Option<&'a str>,
    pub(super) port: Option<i64>,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) fragment: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// The parts, if the text is a URL.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        if !is_legal(text) {
            return None;
        }
        let (rest, fragment) = match text.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment)),
            None => (text, None),
        };
        let mut url = Self {
            fragment,
            ..Self::default()
        };
        let mut rest = rest;
        if let Some((scheme, behind)) = rest.split_once(':')
            && !scheme.contains(['/', '?'])
        {
            if !is_scheme(scheme) || behind.is_empty() {
                return None;
            }
            url.scheme = Some(scheme);
            rest = behind;
            // What follows has no parts then: `mailto:a@b`.
            if !rest.starts_with('/') {
                return Some(url);
            }
        }
        if let Some((before, query)) = rest.split_once('?') {
            url.query = Some(query);
            rest = before;
        }
        if let Some(behind) = rest.strip_prefix("//") {
            let end = behind.find('/').unwrap_or(behind.len());
            let (authority, path) = behind.split_at(end);
            if authority.is_empty() && path.is_empty() {
                return None;
            }
            url.authority(authority);
            rest = path;
        }
        url.path = rest;
        Some(url)
    }

    fn authority(&mut self, authority: &'a str) {
        let server = authority
            .rsplit_once('@')
            .map_or(authority, |(_, server)| server);
        let (host, port) = match server.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (server, ""),
        };
        if is_host(host) && port.bytes().all(|digit| digit.is_ascii_digit()) {
            self.host = Some(host);
            self.port = port.parse().ok();
        }
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

fn is_host(text: &str) -> bool {
    if text.starts_with('[') {
        return text.ends_with(']');
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && label.starts_with(|c: char| c.is_ascii_alphanumeric())
            && label.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.split('.').all(is_label)
        && (last.starts_with(|c: char| c.is_ascii_alphabetic())
            || name.parse::<std::net::Ipv4Addr>().is_ok())
}

/// Whether only characters are in it that a URL may have, and escapes that are some.
fn is_legal(text: &str) -> bool {
    let bad = |c: char| c.is_control() || c.is_whitespace() || "\"<>\\^`{|}".contains(c);
    let mut escapes = text.split('%').skip(1);
    !text.contains(bad) && escapes.all(|behind| behind.as_bytes().get(..2).and_then(hex).is_some())
}

/// Two digits' byte.
pub(super) fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16);
    let [high, low] = digits else {
        return None;
    };
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

/// Without its escapes.
pub(super) fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}
