//! The messages of JSON-RPC. In: one parsed JSON document. Out: what it asks for, sorted. Never refuses a message for
//! something that does not stand in the way of understanding it (an odd `jsonrpc`, unknown members).

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The error codes of JSON-RPC and LSP that this server answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub(super) enum Code {
    /// The body was no JSON, or could not be found in the stream.
    ParseError = -32700,
    /// JSON, but no message; or a message that is not allowed now.
    InvalidRequest = -32600,
    /// No such request here.
    MethodNotFound = -32601,
    /// The parameters have the wrong shape.
    InvalidParams = -32602,
    /// The handler failed through a fault of ours.
    InternalError = -32603,
    /// A request came before `initialize`.
    ServerNotInitialized = -32002,
    /// The request was understood and could not be carried out.
    RequestFailed = -32803,
    /// The server gave the request up.
    ServerCancelled = -32802,
    /// The client gave the request up.
    RequestCancelled = -32800,
}

/// An error answer.
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error)]
#[error("{message} ({code})")]
pub(super) struct Error {
    /// One of [`Code`], or whatever the client sent.
    pub(super) code: i32,
    /// What happened, for the user.
    pub(super) message: String,
    /// Anything more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<Value>,
}

impl Error {
    /// An error with this code and message.
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code: code as i32, message: message.into(), data: None }
    }

    /// The answer to a request that this server does not know.
    #[must_use]
    pub(super) fn method_not_found(method: &str) -> Self {
        Self::new(Code::MethodNotFound, format!("unknown request `{method}`"))
    }

    /// Reads a client's error; whatever is missing or odd is filled in.
    fn from_client(value: &Value) -> Self {
        let code = value.get("code").and_then(Value::as_i64).and_then(|code| i32::try_from(code).ok());
        let message = value.get("message").and_then(Value::as_str).map_or_else(|| value.to_string(), str::to_owned);
        Self { code: code.unwrap_or(Code::InternalError as i32), message, data: value.get("data").cloned() }
    }
}

/// Reads the parameters of `method`; the error is the `InvalidParams` to answer with.
pub(super) fn parse<T: DeserializeOwned>(method: &str, params: Value) -> Result<T, Error> {
    serde_json::from_value(params).map_err(|why| Error::new(Code::InvalidParams, format!("`{method}`: {why}")))
}

/// The id of a request: a number or a string, given back as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Id(Value);

impl Id {
    /// The id in `value`, if it is one.
    #[must_use]
    pub(super) fn new(value: Value) -> Option<Self> {
        matches!(value, Value::Number(_) | Value::String(_)).then_some(Self(value))
    }

    /// The id as one of ours, which are whole numbers; some clients send them back as `1.0`.
    pub(super) fn as_ours(&self) -> Option<i64> {
        #[expect(clippy::cast_possible_truncation, reason = "a float as cast saturates; the comparison finds that out")]
        let from_float = |float: f64| (float as i64 as f64 == float).then_some(float as i64);
        self.0.as_i64().or_else(|| self.0.as_f64().and_then(from_float))
    }
}

/// What the client sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Incoming {
    /// To be answered exactly once.
    Request {
        /// Goes back with the answer.
        id: Id,
        /// What is asked.
        method: String,
        /// An object, an array, or null when left out.
        params: Value,
    },
    /// Never answered.
    Notification {
        /// What happened.
        method: String,
        /// An object, an array, or null when left out.
        params: Value,
    },
    /// The answer to one of our requests.
    Response {
        /// The id of our request.
        id: Id,
        /// What the client says.
        result: Result<Value, Error>,
    },
    /// Not to be understood: answered with this error.
    Malformed {
        /// The id, if that much could be read.
        id: Option<Id>,
        /// The answer.
        error: Error,
    },
}

impl Incoming {
    pub(super) fn malformed(id: Option<Id>, code: Code, message: impl Into<String>) -> Self {
        Self::Malformed { id, error: Error::new(code, message) }
    }
}

/// The messages in one JSON document, in order. LSP has no batches; a client that sends one gets its elements handled
/// as if each had come alone.
pub(super) fn sort(document: Value) -> Vec<Incoming> {
    match document {
        Value::Array(batch) if batch.is_empty() => {
            vec![Incoming::malformed(None, Code::InvalidRequest, "an empty batch")]
        }
        Value::Array(batch) => batch.into_iter().filter_map(sort_one).collect(),
        single => sort_one(single).into_iter().collect(),
    }
}

/// The message in `value`; none where there is nothing to do and nobody to answer.
fn sort_one(value: Value) -> Option<Incoming> {
    let Value::Object(mut members) = value else {
        return Some(Incoming::malformed(None, Code::InvalidRequest, "a message must be a JSON object"));
    };
    let id = members.remove("id");
    let method = match members.remove("method") {
        None if members.contains_key("result") || members.contains_key("error") => return response(id, members),
        None => return Some(invalid(id, "a message needs a `method`, a `result` or an `error`")),
        Some(Value::String(method)) => method,
        Some(_) => return Some(invalid(id, "`method` must be a string")),
    };
    let params = members.remove("params").unwrap_or(Value::Null);
    let structured = matches!(params, Value::Object(_) | Value::Array(_) | Value::Null);
    match id.map(Id::new) {
        None if structured => Some(Incoming::Notification { method, params }),
        None => {
            tracing::warn!(method, "skipped: its parameters are neither an object nor a list");
            None
        }
        Some(None) => Some(invalid(None, "`id` must be a number or a string")),
        Some(Some(id)) if structured => Some(Incoming::Request { id, method, params }),
        Some(id) => {
            let message = format!("`{method}`: the parameters must be an object or a list");
            Some(Incoming::malformed(id, Code::InvalidParams, message))
        }
    }
}

fn invalid(id: Option<Value>, message: &str) -> Incoming {
    Incoming::malformed(id.and_then(Id::new), Code::InvalidRequest, message)
}

/// A response is never answered, not even one that makes no sense.
fn response(id: Option<Value>, mut members: Map<String, Value>) -> Option<Incoming> {
    let Some(id) = id.and_then(Id::new) else {
        tracing::warn!(error = ?members.get("error"), "skipped: a response without an id");
        return None;
    };
    let result = match members.remove("error") {
        Some(error) if !error.is_null() => Err(Error::from_client(&error)),
        _ => Ok(members.remove("result").unwrap_or(Value::Null)),
    };
    Some(Incoming::Response { id, result })
}
