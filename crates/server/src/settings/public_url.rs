use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::SettingError;

/// The base of every link, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    secure: bool,
    loopback: bool,
}

impl PublicUrl {
    /// Takes an `http` or `https` address of a host, with nothing after the port.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, SettingError> {
        let refused = |reason: String| SettingError::new("ACCORD_PUBLIC_URL", reason);
        let url = Url::parse(text).map_err(|_| {
            refused(format!(
                "{text:?} is not a URL, such as https://accord.example.com"
            ))
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused(format!(
                "{text:?} begins with neither https:// nor http://"
            )));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("it holds a user name or a password".into()));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(refused(format!(
                "{text:?} goes on after the host; Accord needs a host of its own"
            )));
        }
        let loopback = match url.host() {
            Some(Host::Domain(domain)) => is_loopback_name(domain),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        Ok(Self {
            origin: url.origin().ascii_serialization(),
            secure: url.scheme() == "https",
            loopback,
        })
    }

    /// What follows from the address that is listened on. Every address of the machine is called
    /// by the one that always works on it.
    #[must_use]
    pub fn of_address(address: SocketAddr) -> Self {
        let loopback = address.ip().is_loopback() || address.ip().is_unspecified();
        let origin = if address.ip().is_unspecified() {
            format!("http://localhost:{}", address.port())
        } else {
            format!("http://{address}")
        };
        // The default port is left out, as browsers do when they name an origin.
        let origin = origin
            .strip_suffix(":80")
            .map_or(origin.clone(), str::to_owned);
        Self {
            origin,
            secure: false,
            loopback,
        }
    }

    /// Scheme, host and port, as browsers send it in `Origin`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.origin
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether only this machine can mean it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl std::fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.origin)
    }
}

/// Whether a `Host` header names this machine to itself.
pub(crate) fn is_loopback_authority(authority: &str) -> bool {
    let host = match authority
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        Some((address, _)) => address,
        None => authority
            .rsplit_once(':')
            .map_or(authority, |(host, _)| host),
    };
    host.parse::<IpAddr>()
        .map_or_else(|_| is_loopback_name(host), |address| address.is_loopback())
}

fn is_loopback_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_origin_is_kept() {
        let url = PublicUrl::parse("HTTPS://Accord.Example.com:443/").expect("good");
        assert_eq!(url.as_str(), "https://accord.example.com");
        assert!(url.is_secure() && !url.is_loopback());
        for bad in [
            "accord",
            "ftp://h",
            "https://u:p@h",
            "https://h/p",
            "https://h?q",
            "https://h#f",
        ] {
            assert!(PublicUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_makes_a_url() {
        let of = |text: &str| PublicUrl::of_address(text.parse().expect("an address"));
        assert_eq!(of("127.0.0.1:8080").as_str(), "http://127.0.0.1:8080");
        assert_eq!(of("0.0.0.0:80").as_str(), "http://localhost");
        assert_eq!(of("[::1]:9").as_str(), "http://[::1]:9");
        assert!(of("127.0.0.1:8080").is_loopback() && !of("10.1.1.1:8080").is_loopback());
    }

    #[test]
    fn loopback_is_told_from_its_imitations() {
        for own in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1",
            "127.9.9.9:1",
            "[::1]:8080",
            "a.localhost",
        ] {
            assert!(is_loopback_authority(own), "{own}");
        }
        for other in [
            "localhost.example.com",
            "127.0.0.1.example.com:80",
            "example.com",
            "10.0.0.1",
            "",
        ] {
            assert!(!is_loopback_authority(other), "{other}");
        }
    }
}
