//! HTTP by hand: requests as bytes, right or wrong, and what comes back.

// Every target that includes this module uses only a part of it.
#![allow(dead_code)]

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpSocket;

/// Who is silent for longer hangs. Perk's own long-polls last a second.
const SILENCE: Duration = Duration::from_secs(30);

/// One response, read until the server closed the connection.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The status code.
    pub(crate) status: u16,
    head: String,
    /// The body, which is as long as its Content-Length says.
    pub(crate) body: String,
}

impl Reply {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    /// The body of an answer of the protocol's.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(
            (self.status, self.header("content-type")),
            (200, Some("application/json")),
            "{self:?}"
        );
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The response in what a server sent; `None` if there is none.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        // Whoever begins to speak HTTP/2 is answered with frames of it.
        if !text.starts_with("HTTP/1.1 ") {
            assert!(text.is_empty() || text.starts_with("\0\0"), "{text:?}");
            return None;
        }
        let (head, body) = text
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("no whole response: {text:?}"));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        let reply = Self {
            status: status.unwrap_or_else(|| panic!("no status: {text:?}")),
            head: head.to_owned(),
            body: body.to_owned(),
        };
        let length = reply.header("content-length").unwrap_or("0").parse();
        // The answer to a HEAD tells the length of the GET's.
        assert!(body.is_empty() || length == Ok(body.len()), "{reply:?}");
        Some(reply)
    }
}

/// An address where connections are refused for as long as this lives: its port is taken, and nobody listens. Whoever
/// means to can listen there all the same.
pub(crate) fn nobody() -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("a new socket");
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(any).expect("a free port");
    socket
}

/// A connection to `http://host:port`.
pub(crate) fn connect(url: &str) -> TcpStream {
    let address = url.strip_prefix("http://").expect("an http URL");
    let stream = TcpStream::connect(address).expect("perk listens");
    stream
        .set_read_timeout(Some(SILENCE))
        .expect("a limit above zero");
    stream
}

/// A request's bytes.
pub(crate) fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> Vec<u8> {
    request_to("perk.test:80", method, path, headers, body)
}

/// The bytes of a request to a host.
pub(crate) fn request_to(
    host: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> Vec<u8> {
    let body = body.as_ref();
    let headers = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers: Vec<_> = headers.collect();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{}Connection: close\r\nContent-Length: {}\r\n\r\n",
        headers.concat(),
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Sends bytes as they are, says that no more will come, and reads what comes back until the server closes;
/// `None` if that is no response. Panics when nothing happens for [`SILENCE`].
pub(crate) fn send(url: &str, bytes: &[u8]) -> Option<Reply> {
    let mut stream = connect(url);
    // A server that has seen enough may close before it has read everything: then writing fails, and its answer counts.
    let _ = stream
        .write_all(bytes)
        .and_then(|()| stream.shutdown(Shutdown::Write));
    receive(stream)
}

/// Reads what comes until the server closes the connection.
pub(crate) fn receive(mut stream: TcpStream) -> Option<Reply> {
    let mut came = Vec::new();
    match stream.read_to_end(&mut came) {
        Ok(_) => {}
        // A connection closed with unread bytes in it is reset; what came before is the answer.
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!(
            "the server hangs ({error}); so far it sent {:?}",
            String::from_utf8_lossy(&came)
        ),
    }
    Reply::read(&came)
}

/// Sends a whole request and reads its answer.
pub(crate) fn ask(
    url: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> Reply {
    let mut stream = connect(url);
    // See `send`. The connection stays open for writing: a server may take its end for the client's.
    let _ = stream.write_all(&request(method, path, headers, body));
    receive(stream).unwrap_or_else(|| panic!("{method} {path} was not answered"))
}
