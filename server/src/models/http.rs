//! The way to a server. In: an address, then JSON bodies to post. Out: the bytes of the answer within the model's time
//! limits, or an [`Error`]. Never follows a redirect, and starts no task: dropping a request or its answer drops the
//! connection.

use std::error::Error as _;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};

use super::address::Address;
use super::error::{Cause, Cleaner, Error, KeySource};
use super::json::{Json, mend};
use super::limits::Limiter;
use super::report::{Advice, Failure, Report};
use crate::config::Timeouts;
use crate::prompt::Request;

/// Bytes of an answer that is not a stream, or before its first word.
const LARGEST_WHOLE: usize = 16 << 20;

/// Bytes of an error page that are read.
const LARGEST_REPORT: usize = 64 << 10;

/// Time to read an error page.
const REPORT_TIME: Duration = Duration::from_secs(5);

/// How a server wants the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Auth {
    /// `Authorization: Bearer …`
    Bearer,
    /// The key alone in a header of this name.
    Header(&'static str),
}

/// Where one model is, and the client that goes there.
pub(super) struct Link {
    model: String,
    address: Address,
    auth: Auth,
    headers: HeaderMap,
    timeout: Timeouts,
    /// Told what the server says about its limits.
    limiter: Arc<Limiter>,
    client: OnceLock<Result<reqwest::Client, Error>>,
}

impl Link {
    /// A way to an address. `extra` is a header that the protocol wants besides the key.
    pub(super) fn new(
        model: &str,
        address: Address,
        auth: Auth,
        extra: Option<(&'static str, &str)>,
        timeout: Timeouts,
    ) -> Result<Self, Error> {
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = extra {
            let wrong =
                |_| Error::Setting { model: model.to_owned(), reason: format!("`{value}` can't be sent as {name}") };
            headers.insert(name, HeaderValue::from_str(value).map_err(wrong)?);
        }
        let (model, limiter) = (model.to_owned(), Arc::default());
        Ok(Self { model, address, auth, headers, timeout, limiter, client: OnceLock::new() })
    }

    /// The same with a limiter that is told what the server says about its limits.
    pub(super) fn telling(self, limiter: Arc<Limiter>) -> Self {
        Self { limiter, ..self }
    }

    /// Name of the model.
    pub(super) fn model(&self) -> &str {
        &self.model
    }

    /// Whether a key is kept that a command or the keyring gave, and may give anew.
    pub(super) fn key_is_kept(&self) -> bool {
        let key = &self.address.key;
        matches!(key.source(), KeySource::Command | KeySource::Keyring(_)) && key.known().is_some()
    }

    /// The time limits.
    pub(super) fn timeout(&self) -> Timeouts {
        self.timeout
    }

    /// Takes the key and lines of the prompt out of a server's words.
    pub(super) fn cleaner<'a>(&'a self, request: &'a Request) -> Cleaner<'a> {
        Cleaner { key: self.address.key.known(), prompt: [&request.shared, &request.prompt] }
    }

    /// The failure that a server's report stands for.
    pub(super) fn failed(&self, report: Report, request: &Request) -> Failure {
        let failure =
            report.into_failure(&self.model, &self.shown_url(), self.address.key.source(), self.cleaner(request));
        if matches!(failure.error, Error::Key { .. }) {
            self.address.key.refused();
        }
        failure
    }

    /// The error for an answer that is not the protocol; `what` names what came, without repeating it.
    pub(super) fn nonsense(&self, what: &str) -> Error {
        Error::NotUnderstood { model: self.model.clone(), url: self.shown_url(), what: what.to_owned() }
    }

    /// The error for an answer that ends before it is whole.
    pub(super) fn truncated(&self) -> Error {
        Error::Truncated { model: self.model.clone() }
    }

    /// The error for an answer of more than `limit` bytes.
    pub(super) fn too_large(&self, limit: usize) -> Error {
        Error::TooLarge { model: self.model.clone(), limit }
    }

    /// The address for messages: a query may hold a secret.
    fn shown_url(&self) -> String {
        let mut url = self.address.url.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.to_string()
    }

    /// The client, made when it is first needed: reading the system's certificates takes longer than a start may.
    fn client(&self) -> Result<&reqwest::Client, Error> {
        let make = || {
            // Fails when it is installed already, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let mut builder = reqwest::Client::builder()
                .user_agent(concat!("whittle/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(self.timeout.connect)
                .redirect(reqwest::redirect::Policy::none())
                .referer(false);
            if self.address.loopback {
                builder = builder.no_proxy();
                if self.address.url.scheme() == "http" {
                    // Saves reading the certificates, and works where there are none.
                    builder = builder.tls_certs_only([]);
                }
            }
            builder.build().map_err(|error| Error::Setting {
                model: self.model.clone(),
                reason: format!("no secure connections can be made on this system ({})", innermost(&error)),
            })
        };
        self.client.get_or_init(make).as_ref().map_err(Clone::clone)
    }

    /// Posts `body`. Returns when the server begins to answer with success; every other status is an error. `request` is
    /// what must not be repeated in an error.
    pub(super) async fn post(&self, body: &Value, request: &Request) -> Result<Reply<'_>, Failure> {
        let mut headers = self.headers.clone();
        if let Some(key) = self.address.key.get(&self.model).await? {
            let (name, value) = match self.auth {
                Auth::Bearer => (AUTHORIZATION.as_str(), format!("Bearer {}", &*key)),
                Auth::Header(name) => (name, key.to_string()),
            };
            let wrong = |_| Error::Setting { model: self.model.clone(), reason: "its key can't be sent".to_owned() };
            let mut value = HeaderValue::from_str(&value).map_err(wrong)?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let deadline = Instant::now() + self.timeout.first_byte;
        let post = self.client()?.post(self.address.url.clone()).headers(headers).json(body);
        let response = timeout_at(deadline, post.send())
            .await
            .map_err(|_| self.stalled(Limit::FirstByte))?
            .map_err(|error| self.fault(&error, request))?;
        let status = response.status();
        tracing::debug!(model = self.model, status = status.as_u16(), "the server answers");
        self.limiter.learn(response.headers());
        if status.is_success() {
            return Ok(Reply { link: self, response, deadline });
        }
        if status.is_redirection() {
            return Err(self.nonsense(&format!("a redirect to another address (status {})", status.as_u16())).into());
        }
        let failure = self.failed(self.report(response).await, request);
        if let Error::RateLimited { retry_after: Some(wait), .. } = &failure.error {
            self.limiter.close(*wait);
        }
        Err(failure)
    }

    /// Reads an answer that says what went wrong.
    async fn report(&self, mut response: reqwest::Response) -> Report {
        let status = response.status().as_u16();
        let told = advice(response.headers(), SystemTime::now());
        let mut bytes = Vec::new();
        // What has come until the page is too long, too slow or broken is good enough.
        let _ = timeout(REPORT_TIME, async {
            while let Ok(Some(chunk)) = response.chunk().await {
                bytes.extend_from_slice(&chunk);
                if bytes.len() > LARGEST_REPORT {
                    break;
                }
            }
        })
        .await;
        let text = String::from_utf8_lossy(&bytes);
        let text = mend(&text);
        let mut report = match Json::parse(text.trim()) {
            Ok(value) => Report::from_json(&value)
                .unwrap_or_else(|| Report::of_words(value["message"].as_str().unwrap_or_default())),
            // A page for browsers says nothing that helps.
            Err(_) if text.trim_start().starts_with(['<', '{', '[']) => Report::default(),
            Err(_) => Report::of_words(text.trim().lines().next().unwrap_or_default()),
        };
        report.status = Some(status);
        report.advice.again = told.again;
        report.advice.wait = told.wait.or(report.advice.wait);
        report
    }

    /// The error for a server that has said nothing for as long as a limit allows.
    pub(super) fn stalled(&self, limit: Limit) -> Error {
        let (waited, limit) = match limit {
            Limit::FirstByte => (self.timeout.first_byte, "first_byte"),
            Limit::Between => (self.timeout.between, "between"),
        };
        Error::Stalled { model: self.model.clone(), waited, limit }
    }

    /// Sorts what the client reports before an answer begins.
    fn fault(&self, error: &reqwest::Error, request: &Request) -> Error {
        let innermost = self.cleaner(request).line(&innermost(error));
        let chain = || std::iter::successors(error.source(), |&error| error.source());
        if !error.is_connect() {
            // hyper's own error type is not ours to name; its message is all that there is.
            let foreign = chain().any(|error| error.to_string().contains("invalid HTTP"));
            return if foreign { self.nonsense("something that is not HTTP") } else { self.truncated() };
        }
        let io =
            |kind| chain().filter_map(|error| error.downcast_ref::<std::io::Error>()).any(|error| error.kind() == kind);
        let tls = chain().any(|error| {
            let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
            error.is::<rustls::Error>()
                || error.to_string().contains("tls handshake")
                || inner.is_some_and(|inner| inner.is::<rustls::Error>())
        });
        let cause = if error.is_timeout() || io(std::io::ErrorKind::TimedOut) {
            Cause::Timeout(self.timeout.connect)
        } else if tls {
            Cause::Tls(innermost)
        } else if io(std::io::ErrorKind::ConnectionRefused) {
            Cause::Refused
        } else if chain().any(|error| error.to_string().contains("dns error")) {
            Cause::NoSuchHost
        } else {
            Cause::Other(innermost)
        };
        let host = self.address.url.host_str().unwrap_or_default();
        let host = match self.address.url.port_or_known_default() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Error::Unreachable { model: self.model.clone(), host, cause }
    }
}

/// Which time limit holds.
#[derive(Clone, Copy)]
pub(super) enum Limit {
    FirstByte,
    Between,
}

/// An answer that has begun.
pub(super) struct Reply<'a> {
    link: &'a Link,
    response: reqwest::Response,
    /// When the first byte must be here.
    deadline: Instant,
}

impl Reply<'_> {
    /// The bytes that come first, with at least one that is not blank; empty when there are none.
    pub(super) async fn first(&mut self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        loop {
            let chunk =
                timeout_at(self.deadline, self.next()).await.map_err(|_| self.link.stalled(Limit::FirstByte))?;
            let Some(chunk) = chunk? else { return Ok(bytes) };
            bytes.extend_from_slice(chunk.as_ref());
            if bytes.iter().any(|byte| !byte.is_ascii_whitespace()) {
                return Ok(bytes);
            }
            if bytes.len() > LARGEST_WHOLE {
                return Err(self.link.too_large(LARGEST_WHOLE));
            }
        }
    }

    /// All bytes, of which `first` are here already.
    pub(super) async fn rest(mut self, first: Vec<u8>) -> Result<Vec<u8>, Error> {
        let mut bytes = first;
        while bytes.len() <= LARGEST_WHOLE {
            let limit = self.link.timeout.between;
            let chunk = timeout(limit, self.next()).await.map_err(|_| self.link.stalled(Limit::Between))?;
            let Some(chunk) = chunk? else { return Ok(bytes) };
            bytes.extend_from_slice(chunk.as_ref());
        }
        Err(self.link.too_large(LARGEST_WHOLE))
    }

    /// The next bytes, however long they take; `None`: the answer has ended as HTTP wants it to. May be dropped and
    /// called again.
    pub(super) async fn next(&mut self) -> Result<Option<impl AsRef<[u8]> + Send + use<>>, Error> {
        self.response.chunk().await.map_err(|_| self.link.truncated())
    }
}

/// What the headers of a failure say about asking again: `x-should-retry`, `retry-after-ms`, and `retry-after` in seconds
/// or as a date.
fn advice(headers: &HeaderMap, now: SystemTime) -> Advice {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |name: &str| text(name)?.parse::<f64>().ok();
    let seconds = number("retry-after-ms").map(|ms| ms / 1000.0).or_else(|| number(RETRY_AFTER.as_str()));
    let date = || {
        let date = httpdate::parse_http_date(text(RETRY_AFTER.as_str())?).ok()?;
        Some(date.duration_since(now).unwrap_or_default())
    };
    let again = match text("x-should-retry") {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    };
    Advice { again, wait: seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).or_else(date) }
}

/// What is at the bottom of a client's error; its upper layers repeat addresses.
fn innermost(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_whether_and_when_to_ask_again() {
        // Tue, 20 Oct 2026 07:28:00 GMT
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_792_481_280);
        let check = |headers: &[(&str, &'static str)], again: Option<bool>, wait: Option<u64>| {
            let pairs = headers.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
            let wanted = Advice { again, wait: wait.map(Duration::from_millis) };
            assert_eq!(advice(&HeaderMap::from_iter(pairs), now), wanted, "{headers:?}");
        };
        check(&[], None, None);
        check(&[("retry-after", "2")], None, Some(2000));
        check(&[("retry-after-ms", "1500"), ("retry-after", "2")], None, Some(1500));
        check(&[("retry-after", "-1")], None, None);
        check(&[("retry-after", "1e300")], None, None);
        check(&[("retry-after", "Tue, 20 Oct 2026 07:28:09 GMT")], None, Some(9000));
        check(&[("retry-after", "Tue, 20 Oct 2026 07:27:00 GMT")], None, Some(0));
        check(&[("x-should-retry", "true")], Some(true), None);
        check(&[("x-should-retry", "false"), ("retry-after", "2")], Some(false), Some(2000));
    }
}
