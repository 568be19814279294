//! The way to a server. In: settings of a model, then JSON bodies to post. Out: the bytes of the answer within the
//! model's time limits, or an [`Error`]. Never follows a redirect, never sends a key over a connection that strangers
//! can read, and starts no task: dropping a request or its answer drops the connection.

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::stream::{self, Stream};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use super::error::{Cause, Cleaner, Error, Report};
use crate::config::{ModelSettings, Timeouts, is_loopback};

/// Bytes of an answer between two events, and of one that is not a stream.
const LARGEST_EVENT: usize = 16 << 20;

/// Bytes of a whole stream: an answer of the largest size, each token in an envelope of its own.
const LARGEST_STREAM: usize = 256 << 20;

/// Bytes of an error page that are read.
const LARGEST_REPORT: usize = 64 << 10;

/// Time to read an error page.
const REPORT_TIME: Duration = Duration::from_secs(5);

/// A key, kept out of everything that is printed.
struct Key {
    value: String,
    env: String,
}

/// Where one model is, and the client that goes there.
pub(super) struct Link {
    model: String,
    url: Url,
    key: Option<Key>,
    timeout: Timeouts,
    loopback: bool,
    client: OnceLock<Result<reqwest::Client, Error>>,
}

impl Link {
    /// A way to `path` below the model's address. `default_url` and `default_key` are the provider's own address and
    /// the variable that usually holds its key; `env` reads a variable.
    pub(super) fn new(
        name: &str,
        settings: &ModelSettings,
        default_url: &str,
        default_key: &str,
        path: &[&str],
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Error> {
        let wrong = |reason: String| Error::Setting { model: name.to_owned(), reason };
        let address = settings.base_url.as_deref().unwrap_or(default_url);
        // The address itself is not repeated: a key may have been put into it.
        let mut url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if let Some(mut segments) = url.as_mut().and_then(|url| url.path_segments_mut().ok()) {
            segments.pop_if_empty().extend(path);
        }
        let Some(url) = url else {
            return Err(wrong(format!("base_url is not an http:// or https:// address such as {default_url}")));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong(
                "base_url holds a user name or password; keys come from the environment: use key_env".to_owned(),
            ));
        }

        let encrypted = url.scheme() == "https";
        let reach = Reach::of(&url);
        let key = match &settings.key_env {
            Some(variable) => Some(
                read_key(name, variable, env)?
                    .ok_or_else(|| Error::NoKey { model: name.to_owned(), key_env: variable.clone() })?,
            ),
            // The usual key goes only where it can't be read on the way, and never to a local server.
            None if settings.local || reach == Reach::Loopback || !encrypted => None,
            None => {
                let host = url.host_str().unwrap_or_default();
                let variable = if host == "openrouter.ai" { "OPENROUTER_API_KEY" } else { default_key };
                match read_key(name, variable, env)? {
                    None if settings.base_url.is_none() => {
                        return Err(Error::NoKey { model: name.to_owned(), key_env: variable.to_owned() });
                    }
                    key => key,
                }
            }
        };
        if key.is_some() && !encrypted && reach == Reach::Public {
            return Err(wrong("its key would cross the network unencrypted; use an https:// base_url".to_owned()));
        }
        Ok(Self {
            model: name.to_owned(),
            url,
            key,
            timeout: settings.timeout,
            loopback: reach == Reach::Loopback,
            client: OnceLock::new(),
        })
    }

    /// Name of the model.
    pub(super) fn model(&self) -> &str {
        &self.model
    }

    /// Takes the key and lines of `prompt` out of a server's words.
    pub(super) fn cleaner<'a>(&'a self, prompt: &'a str) -> Cleaner<'a> {
        Cleaner { key: self.key.as_ref().map(|key| key.value.as_str()), prompt }
    }

    /// The error that a server's report stands for.
    pub(super) fn failed(&self, report: Report, prompt: &str) -> Error {
        let key_env = self.key.as_ref().map(|key| key.env.as_str());
        report.into_error(&self.model, &self.shown_url(), key_env, self.cleaner(prompt))
    }

    /// The error for an answer that is not the protocol; `what` names what came, without repeating it.
    pub(super) fn nonsense(&self, what: &str) -> Error {
        Error::NotUnderstood { model: self.model.clone(), url: self.shown_url(), what: what.to_owned() }
    }

    /// The error for an answer that ends before it is whole.
    pub(super) fn truncated(&self) -> Error {
        Error::Truncated { model: self.model.clone() }
    }

    /// The address for messages: a query may hold a secret.
    fn shown_url(&self) -> String {
        let mut url = self.url.clone();
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
            if self.loopback {
                builder = builder.no_proxy();
                if self.url.scheme() == "http" {
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

    /// Posts `body`. Returns when the server begins to answer with success; every other status is an error. `prompt`
    /// is what must not be repeated in an error.
    pub(super) async fn post(&self, body: &Value, prompt: &str) -> Result<Reply<'_>, Error> {
        let mut headers = HeaderMap::new();
        if let Some(key) = &self.key {
            let mut value =
                HeaderValue::from_str(&format!("Bearer {}", key.value)).map_err(|_| bad_key(&self.model, &key.env))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let deadline = Instant::now() + self.timeout.first_byte;
        let request = self.client()?.post(self.url.clone()).headers(headers).json(body);
        let response = timeout_at(deadline, request.send())
            .await
            .map_err(|_| self.stalled(Limit::FirstByte))?
            .map_err(|error| self.fault(&error, prompt))?;
        let status = response.status();
        tracing::debug!(model = self.model, status = status.as_u16(), "the server answers");
        if status.is_success() {
            return Ok(Reply { link: self, response, deadline });
        }
        if status.is_redirection() {
            return Err(self.nonsense(&format!("a redirect to another address (status {})", status.as_u16())));
        }
        Err(self.failed(self.report(response).await, prompt))
    }

    /// Reads an answer that says what went wrong.
    async fn report(&self, mut response: reqwest::Response) -> Report {
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
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
        let mut report = match super::json::parse(text.trim()) {
            Ok(value) => Report::from_json(&value).unwrap_or_else(|| Report {
                message: value["message"].as_str().unwrap_or_default().to_owned(),
                ..Report::default()
            }),
            // A page for browsers says nothing that helps.
            Err(_) if text.trim_start().starts_with(['<', '{', '[']) => Report::default(),
            Err(_) => {
                Report { message: text.trim().lines().next().unwrap_or_default().to_owned(), ..Report::default() }
            }
        };
        report.status = Some(status);
        report.retry_after = retry_after;
        report
    }

    fn stalled(&self, limit: Limit) -> Error {
        let (waited, limit) = match limit {
            Limit::FirstByte => (self.timeout.first_byte, "first_byte"),
            Limit::Between => (self.timeout.between, "between"),
        };
        Error::Stalled { model: self.model.clone(), waited, limit }
    }

    /// Sorts what the client reports before an answer begins.
    fn fault(&self, error: &reqwest::Error, prompt: &str) -> Error {
        let innermost = self.cleaner(prompt).line(&innermost(error));
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
        let host = self.url.host_str().unwrap_or_default();
        let host = match self.url.port_or_known_default() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Error::Unreachable { model: self.model.clone(), host, cause }
    }
}

/// Which time limit holds.
#[derive(Clone, Copy)]
enum Limit {
    FirstByte,
    Between,
}

/// How far an answer has come, as its reader tells it: what may come next, and when, depends on it.
#[derive(Debug, Default)]
pub(super) struct Progress {
    begun: AtomicBool,
    since_event: AtomicUsize,
}

impl Progress {
    /// The first word is here: from now on the limit between two bytes holds. Some servers send an empty event long
    /// before the first word, so bytes alone don't tell.
    pub(super) fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    /// A whole event is here.
    pub(super) fn event(&self) {
        self.since_event.store(0, Ordering::Relaxed);
    }
}

/// An answer that has begun.
pub(super) struct Reply<'a> {
    link: &'a Link,
    response: reqwest::Response,
    /// When the first byte must be here.
    deadline: Instant,
}

impl<'a> Reply<'a> {
    /// The bytes that come first, with at least one that is not blank; empty when there are none.
    pub(super) async fn first(&mut self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        loop {
            let chunk = timeout_at(self.deadline, self.response.chunk())
                .await
                .map_err(|_| self.link.stalled(Limit::FirstByte))?
                .map_err(|_| self.link.truncated())?;
            let Some(chunk) = chunk else { return Ok(bytes) };
            bytes.extend_from_slice(&chunk);
            if bytes.iter().any(|byte| !byte.is_ascii_whitespace()) {
                return Ok(bytes);
            }
            if bytes.len() > LARGEST_EVENT {
                return Err(self.too_large(LARGEST_EVENT));
            }
        }
    }

    /// All bytes, of which `first` are here already.
    pub(super) async fn rest(mut self, first: Vec<u8>) -> Result<Vec<u8>, Error> {
        let mut bytes = first;
        while bytes.len() <= LARGEST_EVENT {
            let chunk = timeout(self.link.timeout.between, self.response.chunk())
                .await
                .map_err(|_| self.link.stalled(Limit::Between))?
                .map_err(|_| self.link.truncated())?;
            let Some(chunk) = chunk else { return Ok(bytes) };
            bytes.extend_from_slice(&chunk);
        }
        Err(self.too_large(LARGEST_EVENT))
    }

    /// The bytes as they come, `first` first, and a blank line at the end, which closes an event that a server left
    /// open. Ends with an error when a limit is passed; `progress` says which limits hold.
    pub(super) fn stream(
        self,
        first: Vec<u8>,
        progress: &'a Progress,
    ) -> impl Stream<Item = Result<std::io::Cursor<Vec<u8>>, Error>> + Send + 'a {
        /// What comes next.
        enum Next<'a> {
            First(Reply<'a>, Vec<u8>),
            More(Reply<'a>, usize),
            End,
        }
        stream::unfold(Next::First(self, first), move |next| async move {
            let (mut reply, total) = match next {
                Next::First(reply, bytes) => {
                    let total = bytes.len();
                    progress.since_event.store(total, Ordering::Relaxed);
                    return Some((Ok(std::io::Cursor::new(bytes)), Next::More(reply, total)));
                }
                Next::More(reply, total) => (reply, total),
                Next::End => return None,
            };
            let limit = if progress.begun.load(Ordering::Relaxed) { Limit::Between } else { Limit::FirstByte };
            let time = match limit {
                Limit::FirstByte => reply.link.timeout.first_byte,
                Limit::Between => reply.link.timeout.between,
            };
            let bytes = match timeout(time, reply.response.chunk()).await {
                Err(_) => return Some((Err(reply.link.stalled(limit)), Next::End)),
                Ok(Err(_)) => return Some((Err(reply.link.truncated()), Next::End)),
                Ok(Ok(None)) => return Some((Ok(std::io::Cursor::new(b"\n\n".to_vec())), Next::End)),
                Ok(Ok(Some(bytes))) => bytes.to_vec(),
            };
            let total = total + bytes.len();
            let since_event = progress.since_event.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len();
            for (size, limit) in [(since_event, LARGEST_EVENT), (total, LARGEST_STREAM)] {
                if size > limit {
                    return Some((Err(reply.too_large(limit)), Next::End));
                }
            }
            Some((Ok(std::io::Cursor::new(bytes)), Next::More(reply, total)))
        })
    }

    fn too_large(&self, limit: usize) -> Error {
        Error::TooLarge { model: self.link.model.clone(), limit }
    }
}

/// Who can listen on the way to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Nobody: it is this machine.
    Loopback,
    /// The user's own network.
    Private,
    /// Anybody.
    Public,
}

impl Reach {
    fn of(url: &Url) -> Self {
        if is_loopback(url.as_str()) {
            return Self::Loopback;
        }
        let address = match url.host() {
            Some(url::Host::Ipv4(address)) => IpAddr::V4(address),
            Some(url::Host::Ipv6(address)) => address.to_canonical(),
            Some(url::Host::Domain(name)) => return Self::of_name(name.trim_end_matches('.')),
            None => return Self::Public,
        };
        let private = match address {
            // 100.64.0.0/10 is where virtual private networks such as Tailscale live.
            IpAddr::V4(address) => {
                let [first, second, ..] = address.octets();
                address.is_private() || address.is_link_local() || (first == 100 && second & 0xC0 == 64)
            }
            IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
        };
        if private { Self::Private } else { Self::Public }
    }

    fn of_name(name: &str) -> Self {
        let ends = [".local", ".lan", ".internal", ".home.arpa"];
        let private = !name.contains('.') || ends.iter().any(|end| name.ends_with(end));
        if private { Self::Private } else { Self::Public }
    }
}

/// The key in `variable`; `None` when it is not set or blank.
fn read_key(model: &str, variable: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Option<Key>, Error> {
    let Some(value) = env(variable) else { return Ok(None) };
    let value = value.trim();
    if value.is_empty() {
        return Ok(None);
    }
    if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(bad_key(model, variable));
    }
    Ok(Some(Key { value: value.to_owned(), env: variable.to_owned() }))
}

fn bad_key(model: &str, variable: &str) -> Error {
    let reason =
        format!("the environment variable {variable} holds characters that no key has; set it to the key alone");
    Error::Setting { model: model.to_owned(), reason }
}

/// What is at the bottom of a client's error; its upper layers repeat addresses.
fn innermost(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// `retry-after-ms` or `retry-after` in seconds. A date counts as not said: the caller's own pace will do.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let seconds = number("retry-after-ms").map(|ms| ms / 1000.0).or_else(|| number(RETRY_AFTER.as_str()))?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ProviderKind;

    #[test]
    fn hosts_are_sorted_by_who_can_listen() {
        let check = |host: &str, wanted: Reach| {
            assert_eq!(Reach::of(&Url::parse(&format!("http://{host}:1/v1")).unwrap()), wanted, "{host}");
        };
        for host in ["127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]", "localhost", "LOCALHOST", "a.localhost"] {
            check(host, Reach::Loopback);
        }
        for host in [
            "10.1.2.3",
            "192.168.0.2",
            "100.100.0.1",
            "[fd00::1]",
            "[fe80::1]",
            "box",
            "box.local",
            "host.docker.internal",
        ] {
            check(host, Reach::Private);
        }
        for host in
            ["8.8.8.8", "100.128.0.1", "[2001:db8::1]", "api.openai.com", "localhost.evil.com", "127.0.0.1.nip.io"]
        {
            check(host, Reach::Public);
        }
    }

    /// What comes of a model at `base_url` when the environment holds both keys.
    fn link(base_url: Option<&str>, key_env: Option<&str>, local: bool) -> Result<String, String> {
        let settings = ModelSettings {
            provider: ProviderKind::Openai,
            base_url: base_url.map(str::to_owned),
            model: "m".to_owned(),
            key_env: key_env.map(str::to_owned),
            local,
            context_window: None,
            timeout: Timeouts::default(),
        };
        let env = |name: &str| match name {
            "OPENAI_API_KEY" | "MY_KEY" | "OPENROUTER_API_KEY" => Some(format!(" key-of-{name}\n")),
            "BLANK" => Some(" ".to_owned()),
            "BROKEN" => Some("a\nb".to_owned()),
            _ => None,
        };
        Link::new("big", &settings, "https://api.openai.com/v1", "OPENAI_API_KEY", &["chat", "completions"], &env)
            .map(|link| format!("{} {}", link.url, link.key.map_or("none".to_owned(), |key| key.value)))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_key_goes_only_where_nobody_else_can_read_it() {
        let check = |base_url, key_env, wanted: Result<&str, &str>| {
            assert_eq!(link(base_url, key_env, false).as_deref().map_err(|error| error.as_str()), wanted);
        };
        check(None, None, Ok("https://api.openai.com/v1/chat/completions key-of-OPENAI_API_KEY"));
        check(Some("https://h/v1/"), Some("MY_KEY"), Ok("https://h/v1/chat/completions key-of-MY_KEY"));
        check(Some("https://h/v1?a=b"), None, Ok("https://h/v1/chat/completions?a=b key-of-OPENAI_API_KEY"));
        check(
            Some("https://openrouter.ai/api/v1"),
            None,
            Ok("https://openrouter.ai/api/v1/chat/completions key-of-OPENROUTER_API_KEY"),
        );
        check(Some("http://localhost:1/v1"), None, Ok("http://localhost:1/v1/chat/completions none"));
        check(
            Some("http://localhost:1/v1"),
            Some("MY_KEY"),
            Ok("http://localhost:1/v1/chat/completions key-of-MY_KEY"),
        );
        check(Some("http://10.0.0.1"), None, Ok("http://10.0.0.1/chat/completions none"));
        check(Some("http://10.0.0.1"), Some("MY_KEY"), Ok("http://10.0.0.1/chat/completions key-of-MY_KEY"));
        check(Some("http://example.com"), None, Ok("http://example.com/chat/completions none"));
        check(
            Some("http://example.com"),
            Some("MY_KEY"),
            Err("[models.big] cannot be used: its key would cross the network unencrypted; use an https:// base_url."),
        );
        assert_eq!(link(Some("https://h"), None, true), Ok("https://h/chat/completions none".to_owned()));
    }

    #[test]
    fn settings_that_cannot_work_are_refused_with_the_way_out() {
        let check = |base_url, key_env, wanted: &str| {
            assert_eq!(link(base_url, key_env, false).unwrap_err(), wanted);
        };
        let no_key =
            "big needs a key: set the environment variable NONE, or name another one with key_env in [models.big].";
        check(None, Some("NONE"), no_key);
        check(Some("http://localhost:1"), Some("BLANK"), &no_key.replace("NONE", "BLANK"));
        let address = "[models.big] cannot be used: base_url is not an http:// or https:// address such as https://api.openai.com/v1.";
        for base_url in ["", "localhost:8080/v1", "/v1", "ftp://h/v1", "http://"] {
            check(Some(base_url), None, address);
        }
        check(
            Some("https://me:secret@h/v1"),
            None,
            "[models.big] cannot be used: base_url holds a user name or password; keys come from the environment: use key_env.",
        );
        check(
            None,
            Some("BROKEN"),
            "[models.big] cannot be used: the environment variable BROKEN holds characters that no key has; set it to the key alone.",
        );
    }

    #[test]
    fn a_wait_is_read_in_seconds_or_milliseconds() {
        let check = |name: &'static str, value: &'static str, wanted: Option<Duration>| {
            let headers = HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_static(value))]);
            assert_eq!(retry_after(&headers), wanted, "{name}: {value}");
        };
        check("retry-after", "2", Some(Duration::from_secs(2)));
        check("retry-after-ms", "1500", Some(Duration::from_millis(1500)));
        check("retry-after", "-1", None);
        check("retry-after", "1e300", None);
        check("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT", None);
    }
}
