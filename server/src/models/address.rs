//! Where a model's server is and with which key it is asked. In: settings of a model, the variables of the environment.
//! Out: an [`Address`], or why there is none. Never lets a key cross a connection that strangers can read.

use std::net::IpAddr;

use url::Url;

use super::error::Error;
use super::key::Key;
use crate::config::{ModelSettings, ProviderRow, is_loopback};

/// The address to post to, and the key to send.
pub(super) struct Address {
    pub(super) url: Url,
    pub(super) key: Key,
    /// It is this machine.
    pub(super) loopback: bool,
}

impl Address {
    /// The address of `path` below the model's own. `env` reads a variable.
    pub(super) fn new(
        name: &str,
        settings: &ModelSettings,
        path: &[&str],
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Error> {
        let wrong = |reason: String| Error::Setting { model: name.to_owned(), reason };
        let default_url = settings.provider.base_url;
        let address = settings.base_url.as_deref().unwrap_or(default_url);
        // The address itself is not repeated: a key may have been put into it.
        let mut url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if let Some(url) = &mut url {
            let missing = missing(url, path);
            if let Ok(mut segments) = url.path_segments_mut() {
                segments.pop_if_empty().extend(missing);
            }
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
        let no_key = |key_env: &str| Error::NoKey { model: name.to_owned(), key_env: key_env.to_owned() };
        let read = |variable: &str| Key::of_variable(name, variable, env);
        // A name that is a provider's, too, may be meant for that.
        let is_own = |entry: &&String| *entry == name && ProviderRow::named(name).is_none();
        let own = settings.keyring.as_ref().filter(is_own);
        let named = settings.key_env.as_deref().map(read).transpose()?.flatten();
        // The usual key goes only where it can't be read on the way, and never to a local server.
        let takes_usual = !settings.local && reach != Reach::Loopback && encrypted;
        let usual = match (&settings.key_env, &settings.key_command) {
            (None, None) if takes_usual => settings.provider.keys,
            _ => &[],
        };
        let found = || usual.iter().find_map(|variable| read(variable).transpose()).transpose();
        let key = match (named, &settings.key_command) {
            (Some(key), _) => key,
            (None, Some(command)) => Key::of_command(command),
            (None, None) => match (found()?, own.or(settings.keyring.as_ref().filter(|_| takes_usual))) {
                (Some(key), _) => key,
                (None, Some(entry)) => Key::of_keyring(entry),
                (None, None) => match (&settings.key_env, usual.first()) {
                    (Some(variable), _) => return Err(no_key(variable)),
                    (None, Some(variable)) if settings.base_url.is_none() => return Err(no_key(variable)),
                    (None, _) => Key::None,
                },
            },
        };
        if !matches!(key, Key::None) && !encrypted && reach == Reach::Public {
            return Err(wrong("its key would cross the network unencrypted; use an https:// base_url".to_owned()));
        }
        Ok(Self { url, key, loopback: reach == Reach::Loopback })
    }
}

/// What of `path` the address does not end in already: some users give the version, or all of it.
fn missing<'a>(url: &Url, path: &'a [&'a str]) -> &'a [&'a str] {
    let has: Vec<&str> = url.path_segments().into_iter().flatten().filter(|segment| !segment.is_empty()).collect();
    let known = (0..=path.len()).rev().find(|&count| has.ends_with(path.get(..count).unwrap_or_default()));
    path.get(known.unwrap_or(0)..).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::KeySource;

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
    fn address(base_url: Option<&str>, key_env: Option<&str>, local: bool) -> Result<String, String> {
        let provider = ProviderRow::named("openai").unwrap().at(base_url);
        let settings = ModelSettings {
            base_url: base_url.map(str::to_owned),
            key_env: key_env.map(str::to_owned),
            local,
            ..ModelSettings::new(provider, "m")
        };
        let env = |name: &str| match name {
            "OPENAI_API_KEY" | "MY_KEY" | "OPENROUTER_API_KEY" => Some(format!(" key-of-{name}\n")),
            "BLANK" => Some(" ".to_owned()),
            "BROKEN" => Some("a\nb".to_owned()),
            _ => None,
        };
        Address::new("big", &settings, &["chat", "completions"], &env)
            .map(|address| {
                let key = match address.key.source() {
                    KeySource::Keyring(entry) => format!("keyring:{entry}"),
                    _ => address.key.known().map_or("none".to_owned(), |key| key.to_string()),
                };
                format!("{} {key}", address.url)
            })
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_key_goes_only_where_nobody_else_can_read_it() {
        let check = |base_url, key_env, wanted: Result<&str, &str>| {
            assert_eq!(address(base_url, key_env, false).as_deref().map_err(|error| error.as_str()), wanted);
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
        check(Some("https://h/v1/chat/completions"), None, Ok("https://h/v1/chat/completions key-of-OPENAI_API_KEY"));
        assert_eq!(address(Some("https://h"), None, true), Ok("https://h/chat/completions none".to_owned()));
    }

    #[test]
    fn the_keyring_comes_last_and_a_providers_key_goes_where_its_variable_would() {
        let check = |model: &str, keyring: &str, change: &dyn Fn(&mut ModelSettings), wanted: &str| {
            let mut settings = ModelSettings::new(ProviderRow::named("openai").unwrap(), "m");
            settings.keyring = Some(keyring.to_owned());
            change(&mut settings);
            let env = |name: &str| (name == "SET").then(|| "from-variable".to_owned());
            let source = Address::new(model, &settings, &[], &env).map(|address| address.key.source());
            assert_eq!(source.map_or_else(|error| error.to_string(), |source| format!("{source:?}")), wanted);
        };
        let at = |base_url: &'static str| {
            move |settings: &mut ModelSettings| {
                settings.base_url = Some(base_url.to_owned());
                settings.local = is_loopback(base_url);
            }
        };
        let [big, openai] = ["big", "openai"].map(|entry| format!("Keyring({entry:?})"));
        check("big", "big", &|_| {}, &big);
        check("big", "openai", &|_| {}, &openai);
        check("openai", "openai", &|_| {}, &openai);
        check("big", "big", &|settings| settings.key_env = Some("SET".to_owned()), "Variable(\"SET\")");
        check("big", "big", &|settings| settings.key_env = Some("UNSET".to_owned()), &big);
        check("big", "big", &|settings| settings.key_command = Some(vec!["pass".to_owned()]), "Command");
        for local in ["http://127.0.0.1:1/v1", "http://10.0.0.1/v1"] {
            check("big", "big", &at(local), &big);
            check("big", "openai", &at(local), "None");
            check("openai", "openai", &at(local), "None");
        }
        let unencrypted =
            "[models.big] cannot be used: its key would cross the network unencrypted; use an https:// base_url.";
        check("big", "big", &at("http://example.com"), unencrypted);
        check("big", "openai", &at("http://example.com"), "None");
        check("big", "openai", &at("https://h"), &openai);
    }

    #[test]
    fn settings_that_cannot_work_are_refused_with_the_way_out() {
        let check = |base_url, key_env, wanted: &str| {
            assert_eq!(address(base_url, key_env, false).unwrap_err(), wanted);
        };
        let no_key = "big needs a key: set the environment variable NONE, run `whittle keys set big`, or name key_env or key_command in [models.big].";
        check(None, Some("NONE"), no_key);
        check(Some("http://localhost:1"), Some("BLANK"), &no_key.replace("NONE", "BLANK"));
        let wrong = "[models.big] cannot be used: base_url is not an http:// or https:// address such as https://api.openai.com/v1.";
        for base_url in ["", "localhost:8080/v1", "/v1", "ftp://h/v1", "http://"] {
            check(Some(base_url), None, wrong);
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
}
