//! Where a webhook sends to, checked as far as that can be done before it is sent to.

use crate::address::AddressGuard;
use std::net::IpAddr;
use url::{Host, Url};

/// The most characters of a URL.
pub const MAX_URL_CHARS: usize = 2_000;

/// Why a URL cannot be a webhook's, as a sentence for who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTarget {
    /// Longer than is stored.
    #[error("This is too long: at most {MAX_URL_CHARS} characters.")]
    TooLong,
    /// Not a URL.
    #[error("This is not a URL such as https://example.com/hooks.")]
    NotAUrl,
    /// Another scheme.
    #[error("Webhooks are sent by https:// alone.")]
    NotHttps,
    /// Plain HTTP, to something outside of the networks that the operator allows.
    #[error("Plain http:// is used only within networks that the operator allows.")]
    PlainHttp,
    /// A user name or a password in it.
    #[error("A URL with a user name or a password is not taken: the signature proves who sends.")]
    Credentials,
    /// A part behind `#`, which is never sent.
    #[error("A part behind # is never sent; leave it out.")]
    Fragment,
    /// An address that may not be reached, written out.
    #[error("Webhooks are not sent to private, local or reserved addresses.")]
    Address,
}

/// A URL that a webhook may send to. Where its host is a name, the addresses behind it are looked at
/// each time when it is sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(Url);

impl Target {
    /// Checks what was typed.
    pub fn parse(text: &str, guard: &AddressGuard) -> Result<Self, BadTarget> {
        if text.chars().nth(MAX_URL_CHARS).is_some() {
            return Err(BadTarget::TooLong);
        }
        // A URL parser drops what people cannot see; nobody should be surprised by what is left.
        if text
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || is_disguise(c))
        {
            return Err(BadTarget::NotAUrl);
        }
        let url = Url::parse(text).map_err(|_| BadTarget::NotAUrl)?;
        // A special scheme always has a host, and one that is not the empty text.
        match url.scheme() {
            "https" => {}
            "http" if guard.allows_networks() => {}
            "http" => return Err(BadTarget::PlainHttp),
            _ => return Err(BadTarget::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadTarget::Credentials);
        }
        if url.fragment().is_some() {
            return Err(BadTarget::Fragment);
        }
        if url.as_str().len() > MAX_URL_CHARS {
            return Err(BadTarget::TooLong);
        }
        if url.port_or_known_default() == Some(0) {
            return Err(BadTarget::NotAUrl);
        }
        let target = Self(url);
        match target.literal() {
            Some(address) if !guard.permits(address) => Err(BadTarget::Address),
            Some(address) if !target.is_https() && !guard.is_allowed_network(address) => {
                Err(BadTarget::PlainHttp)
            }
            _ => Ok(target),
        }
    }

    /// The URL as it is stored and shown: what was typed, in its normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The address, where it is written out.
    pub(crate) fn literal(&self) -> Option<IpAddr> {
        match self.0.host()? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        }
    }

    /// The host as names are looked up and certificates are made for: without brackets.
    pub(crate) fn host(&self) -> String {
        match self.0.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => String::new(),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// The value of the `Host` header.
    pub(crate) fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// What stands in the request line.
    pub(crate) fn path_and_query(&self) -> String {
        match self.0.query() {
            Some(query) => format!("{}?{query}", self.0.path()),
            None => self.0.path().to_owned(),
        }
    }
}

/// Characters without a mark of their own, or that turn the text around them.
fn is_disguise(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Target, BadTarget> {
        Target::parse(text, &AddressGuard::default())
    }

    #[test]
    fn public_https_urls_are_taken() {
        for (text, authority, port, path) in [
            ("https://example.com", "example.com", 443, "/"),
            (
                "https://example.com:8443/a?b=c",
                "example.com:8443",
                8443,
                "/a?b=c",
            ),
            ("https://1.1.1.1/x", "1.1.1.1", 443, "/x"),
            (
                "https://[2606:4700::1111]/x",
                "[2606:4700::1111]",
                443,
                "/x",
            ),
            (
                "https://bücher.example/ü",
                "xn--bcher-kva.example",
                443,
                "/%C3%BC",
            ),
        ] {
            let target = parse(text).expect(text);
            assert_eq!(target.authority(), authority);
            assert_eq!(
                (target.port(), target.path_and_query()),
                (port, path.into())
            );
            assert!(!target.host().contains('['), "{text}");
        }
    }

    #[test]
    fn hostile_urls_are_refused() {
        use BadTarget as B;
        for (text, why) in [
            ("", B::NotAUrl),
            ("example.com", B::NotAUrl),
            ("/relative", B::NotAUrl),
            ("https://", B::NotAUrl),
            ("https://a b.example", B::NotAUrl),
            ("https://example.com/\r\nX: y", B::NotAUrl),
            ("https://exa\u{200b}mple.com", B::NotAUrl),
            ("https://example.com:0/", B::NotAUrl),
            ("https://example.com:99999/", B::NotAUrl),
            ("ftp://example.com/", B::NotHttps),
            ("file:///etc/passwd", B::NotHttps),
            ("gopher://127.0.0.1:25/", B::NotHttps),
            ("javascript:alert(1)", B::NotHttps),
            ("data:text/plain,x", B::NotHttps),
            ("unix:/run/x.sock", B::NotHttps),
            ("http://example.com/", B::PlainHttp),
            ("https://user@example.com/", B::Credentials),
            ("https://user:pass@example.com/", B::Credentials),
            ("https://:pass@example.com/", B::Credentials),
            ("https://example.com/#part", B::Fragment),
            ("https://127.0.0.1/", B::Address),
            ("https://127.1/", B::Address),
            ("https://2130706433/", B::Address),
            ("https://0x7f000001/", B::Address),
            ("https://0177.0.0.1/", B::Address),
            ("https://0/", B::Address),
            ("https://①②⑦.⓪.⓪.①/", B::Address),
            ("https://169.254.169.254/latest/meta-data/", B::Address),
            ("https://[::1]/", B::Address),
            ("https://[::ffff:127.0.0.1]/", B::Address),
            ("https://[::ffff:a9fe:a9fe]/", B::Address),
            ("https://[fd00:ec2::254]/", B::Address),
            ("https://[fe80::1]/", B::Address),
            ("https://10.0.0.1:6379/", B::Address),
        ] {
            assert_eq!(parse(text), Err(why), "{text:?}");
        }
        let long = format!("https://example.com/{}", "a".repeat(MAX_URL_CHARS));
        assert_eq!(parse(&long), Err(B::TooLong));
        let grows = format!("https://example.com/{}", "ü".repeat(MAX_URL_CHARS / 2));
        assert_eq!(parse(&grows), Err(B::TooLong));
    }

    #[test]
    fn plain_http_stays_within_allowed_networks() {
        let guard = AddressGuard::allowing(["127.0.0.0/8".parse().expect("a network")]);
        assert!(Target::parse("http://127.0.0.1:9/x", &guard).is_ok());
        assert!(Target::parse("http://receiver.internal/", &guard).is_ok());
        assert_eq!(
            Target::parse("http://1.1.1.1/", &guard),
            Err(BadTarget::PlainHttp)
        );
        assert_eq!(
            Target::parse("http://10.0.0.1/", &guard),
            Err(BadTarget::Address)
        );
    }
}
