//! The JSON around a page: what real coordinators answer, field for field and in their order.

use std::fmt::Write;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::Flavor;

/// An answer to a statement's GET, kept so that asking again gives the same bytes.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) headers: HeaderMap,
    /// What comes before the rows, the rows, what comes after.
    pub(super) parts: [Bytes; 3],
    pub(super) last: bool,
}

impl Page {
    pub(super) fn len(&self) -> usize {
        self.parts.iter().map(Bytes::len).sum()
    }
}

/// What one answer says; [`Envelope::page`] writes it.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    pub(super) flavor: Flavor,
    pub(super) id: &'a str,
    /// `http://host:port`, as the client addressed the coordinator.
    pub(super) origin: &'a str,
    pub(super) next: Option<String>,
    pub(super) partial_cancel: Option<String>,
    pub(super) columns: Option<&'static str>,
    pub(super) data: Option<Bytes>,
    pub(super) stats: Stats,
    pub(super) error: Option<String>,
    pub(super) update: Option<(&'a str, Option<u64>)>,
    pub(super) warnings: u32,
    pub(super) headers: &'a [(String, String)],
}

/// The statistics of an answer; work is counted in pages.
#[derive(Debug, Default)]
pub(super) struct Stats {
    pub(super) state: &'static str,
    pub(super) elapsed: Duration,
    pub(super) pages: u64,
    pub(super) pages_done: u64,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

impl Envelope<'_> {
    pub(super) fn page(self) -> Page {
        let Self { id, origin, .. } = self;
        let mut head = String::with_capacity(1536);
        push(
            &mut head,
            format_args!(r#"{{"id":"{id}","infoUri":"{origin}/ui/query.html?{id}""#),
        );
        if let Some(uri) = &self.partial_cancel {
            push(&mut head, format_args!(r#","partialCancelUri":"{uri}""#));
        }
        if let Some(uri) = &self.next {
            push(&mut head, format_args!(r#","nextUri":"{uri}""#));
        }
        if let Some(columns) = self.columns {
            push(&mut head, format_args!(r#","columns":{columns}"#));
        }
        let data = match self.data {
            Some(data) => {
                head.push_str(r#","data":"#);
                data
            }
            None => Bytes::new(),
        };
        let mut tail = String::with_capacity(1024);
        tail.push_str(r#","stats":"#);
        self.stats.push(self.flavor, &mut tail);
        if let Some(error) = &self.error {
            push(&mut tail, format_args!(r#","error":{error}"#));
        }
        tail.push_str(r#","warnings":["#);
        for n in 0..self.warnings {
            let comma = if n > 0 { "," } else { "" };
            push(
                &mut tail,
                format_args!(
                    r#"{comma}{{"warningCode":{{"code":{n},"name":"SCRIPTED_{n}"}},"message":"scripted warning {n}"}}"#
                ),
            );
        }
        tail.push(']');
        if let Some((update, count)) = self.update {
            push(
                &mut tail,
                format_args!(r#","updateType":{}"#, quoted(update)),
            );
            if let Some(count) = count {
                push(&mut tail, format_args!(r#","updateCount":{count}"#));
            }
        }
        tail.push('}');
        Page {
            headers: headers(self.flavor, self.headers),
            parts: [head.into(), data, tail.into()],
            last: self.next.is_none(),
        }
    }
}

fn headers(flavor: Flavor, scripted: &[(String, String)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in scripted {
        let name = HeaderName::try_from(format!("{}{name}", flavor.prefix()));
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            headers.append(name, value);
        }
    }
    headers
}

impl Stats {
    fn push(&self, flavor: Flavor, out: &mut String) {
        let Self {
            state, rows, bytes, ..
        } = *self;
        let queued = state == "QUEUED" && flavor == Flavor::Trino; // as Trino's, while Presto waits with false
        let scheduled = matches!(state, "RUNNING" | "FINISHED");
        let total = if scheduled { self.pages + 1 } else { 0 };
        let done = if state == "FINISHED" {
            total
        } else {
            self.pages_done
        };
        let running = total - done;
        let (nodes, elapsed) = (u8::from(scheduled), self.elapsed.as_millis());
        push(out, format_args!(r#"{{"state":"{state}","#));
        if flavor == Flavor::Presto {
            let waiting = state == "WAITING_FOR_PREREQUISITES";
            push(out, format_args!(r#""waitingForPrerequisites":{waiting},"#));
        }
        push(
            out,
            format_args!(r#""queued":{queued},"scheduled":{scheduled},"#),
        );
        let progress = 100 * done / total.max(1);
        if scheduled && flavor == Flavor::Trino {
            push(
                out,
                format_args!(r#""progressPercentage":{progress}.0,"runningPercentage":0.0,"#),
            );
        }
        push(
            out,
            format_args!(
                r#""nodes":{nodes},"totalSplits":{total},"queuedSplits":0,"runningSplits":{running},"completedSplits":{done},"#
            ),
        );
        match flavor {
            Flavor::Presto => push(
                out,
                format_args!(
                    r#""cpuTimeMillis":{elapsed},"wallTimeMillis":{elapsed},"waitingForPrerequisitesTimeMillis":0,"queuedTimeMillis":0,"elapsedTimeMillis":{elapsed},"processedRows":{rows},"processedBytes":{bytes},"peakMemoryBytes":0,"peakTotalMemoryBytes":0,"peakTaskTotalMemoryBytes":0,"spilledBytes":0"#
                ),
            ),
            Flavor::Trino => push(
                out,
                format_args!(
                    r#""planningTimeMillis":0,"analysisTimeMillis":0,"cpuTimeMillis":{elapsed},"wallTimeMillis":{elapsed},"queuedTimeMillis":0,"elapsedTimeMillis":{elapsed},"finishingTimeMillis":0,"physicalInputTimeMillis":0,"processedRows":{rows},"processedBytes":{bytes},"physicalInputBytes":0,"physicalWrittenBytes":0,"internalNetworkInputBytes":0,"peakMemoryBytes":0,"spilledBytes":0"#
                ),
            ),
        }
        if scheduled {
            let over = state == "FINISHED";
            push(
                out,
                format_args!(
                    r#","rootStage":{{"stageId":"0","state":"{state}","done":{over},"nodes":1,"totalSplits":{total},"queuedSplits":0,"runningSplits":{running},"completedSplits":{done},"cpuTimeMillis":{elapsed},"wallTimeMillis":{elapsed},"processedRows":{rows},"processedBytes":{bytes},"subStages":[]}}"#
                ),
            );
            if flavor == Flavor::Presto {
                push(
                    out,
                    format_args!(r#","runtimeStats":{{}},"progressPercentage":{progress}.0"#),
                );
            }
        }
        out.push('}');
    }
}

/// The `error` object of a failed query.
pub(super) fn error(
    flavor: Flavor,
    name: &str,
    message: &str,
    location: Option<(u32, u32)>,
) -> String {
    let (code, kind) = error_code(name);
    let (name, message) = (quoted(name), quoted(message));
    let place = location.map_or_else(String::new, |(line, column)| {
        format!(r#","errorLocation":{{"lineNumber":{line},"columnNumber":{column}}}"#)
    });
    let (class, retriable, info) = match flavor {
        Flavor::Presto => (
            "com.facebook.presto.spi.PrestoException",
            r#","retriable":false"#,
            String::new(),
        ),
        Flavor::Trino => (
            "io.trino.spi.TrinoException",
            "",
            format!(r#","errorInfo":{{"code":{code},"name":{name},"type":"{kind}"}}"#),
        ),
    };
    format!(
        r#"{{"message":{message},"errorCode":{code},"errorName":{name},"errorType":"{kind}"{retriable}{place},"failureInfo":{{"type":"{class}","message":{message},"suppressed":[],"stack":["scripted.Coordinator.fail(Coordinator.java:1)"]{info}{place}}}}}"#
    )
}

/// Code and type of a standard error; a connector's, if it is none.
fn error_code(name: &str) -> (u32, &'static str) {
    const USER: &str = "USER_ERROR";
    const INTERNAL: &str = "INTERNAL_ERROR";
    const RESOURCES: &str = "INSUFFICIENT_RESOURCES";
    match name {
        "GENERIC_USER_ERROR" => (0, USER),
        "SYNTAX_ERROR" => (1, USER),
        "ABANDONED_QUERY" => (2, USER),
        "USER_CANCELED" => (3, USER),
        "PERMISSION_DENIED" => (4, USER),
        "NOT_FOUND" => (5, USER),
        "FUNCTION_NOT_FOUND" => (6, USER),
        "INVALID_FUNCTION_ARGUMENT" => (7, USER),
        "DIVISION_BY_ZERO" => (8, USER),
        "INVALID_CAST_ARGUMENT" => (9, USER),
        "ALREADY_EXISTS" => (12, USER),
        "NOT_SUPPORTED" => (13, USER),
        "INVALID_SESSION_PROPERTY" => (14, USER),
        "TRANSACTION_CONFLICT" => (17, USER),
        "NUMERIC_VALUE_OUT_OF_RANGE" => (19, USER),
        "UNKNOWN_TRANSACTION" => (20, USER),
        "TRANSACTION_ALREADY_ABORTED" => (22, USER),
        "QUERY_REJECTED" => (31, USER),
        "QUERY_TEXT_TOO_LARGE" => (35, USER),
        "ADMINISTRATIVELY_KILLED" => (38, USER),
        "CATALOG_NOT_FOUND" => (44, USER),
        "SCHEMA_NOT_FOUND" => (45, USER),
        "TABLE_NOT_FOUND" => (46, USER),
        "COLUMN_NOT_FOUND" => (47, USER),
        "TYPE_MISMATCH" => (58, USER),
        "GENERIC_INTERNAL_ERROR" => (65536, INTERNAL),
        "TOO_MANY_REQUESTS_FAILED" => (65537, INTERNAL),
        "PAGE_TRANSPORT_ERROR" => (65539, INTERNAL),
        "PAGE_TRANSPORT_TIMEOUT" => (65540, INTERNAL),
        "NO_NODES_AVAILABLE" => (65541, INTERNAL),
        "REMOTE_TASK_ERROR" => (65542, INTERNAL),
        "COMPILER_ERROR" => (65543, INTERNAL),
        "SERVER_SHUTTING_DOWN" => (65545, INTERNAL),
        "SERVER_STARTING_UP" => (65548, INTERNAL),
        "ABANDONED_TASK" => (65553, INTERNAL),
        "REMOTE_HOST_GONE" => (65558, INTERNAL),
        "GENERIC_INSUFFICIENT_RESOURCES" => (131_072, RESOURCES),
        "EXCEEDED_GLOBAL_MEMORY_LIMIT" => (131_073, RESOURCES),
        "QUERY_QUEUE_FULL" => (131_074, RESOURCES),
        "EXCEEDED_TIME_LIMIT" => (131_075, RESOURCES),
        "CLUSTER_OUT_OF_MEMORY" => (131_076, RESOURCES),
        "EXCEEDED_CPU_LIMIT" => (131_077, RESOURCES),
        "EXCEEDED_LOCAL_MEMORY_LIMIT" => (131_079, RESOURCES),
        "ADMINISTRATIVELY_PREEMPTED" => (131_080, RESOURCES),
        _ => (0x0100_0000, "EXTERNAL"),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _infallible = out.write_fmt(text);
}
