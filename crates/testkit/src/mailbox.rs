//! Mail as it reached somebody: in the development mailbox, or through a real mail server.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use accord_client::Client;

use crate::smtp::SmtpPeer;

/// One mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Mail {
    /// The token of the link to `page` (`invitations`, `verify-email`, `reset-password`) that stands alone
    /// on a line of the text part.
    #[must_use]
    pub fn token(&self, page: &str) -> Option<String> {
        let marker = format!("/{page}/");
        let alone = |line: &&str| line.starts_with("http") && !line.contains(' ');
        let link = self
            .text
            .lines()
            .map(str::trim_end)
            .filter(alone)
            .find(|line| line.contains(&marker))?;
        link.split_once(&marker).map(|(_, token)| token.to_owned())
    }
}

/// Where an app's mail ends up.
#[derive(Debug)]
pub(crate) enum Post {
    /// It stays in the database, and is there as soon as the request that caused it is answered.
    Development(Client),
    /// It is sent by the worker, so tests wait for it.
    Peer {
        peer: Box<SmtpPeer>,
        tokens_handed_out: Mutex<HashSet<String>>,
    },
}

impl Post {
    /// All mail to this address so far, newest first.
    pub(crate) async fn to(&self, address: &str) -> Vec<Mail> {
        match self {
            Self::Development(client) => {
                let to = client
                    .development_mailbox_of(address)
                    .await
                    .expect("the development mailbox");
                to.into_iter()
                    .map(|mail| Mail {
                        subject: mail.subject,
                        text: mail.text,
                        html: mail.html,
                    })
                    .collect()
            }
            Self::Peer { peer, .. } => {
                let all = peer.received();
                let to_them = |recipient: &String| recipient.eq_ignore_ascii_case(address);
                let to = all
                    .iter()
                    .rev()
                    .filter(|mail| mail.rcpt_to.iter().any(to_them));
                to.map(|mail| Mail {
                    subject: mail.subject(),
                    text: mail.text(),
                    html: mail.html(),
                })
                .collect()
            }
        }
    }

    /// The token of the newest link to that page; sent by a worker, it is one that no test has seen yet.
    pub(crate) async fn token(&self, address: &str, page: &str) -> String {
        match self {
            Self::Development(_) => {
                let mails = self.to(address).await;
                let token = mails.iter().find_map(|mail| mail.token(page));
                token.unwrap_or_else(|| {
                    panic!("no mail to {address} has a link to {page}: {mails:#?}")
                })
            }
            Self::Peer {
                tokens_handed_out, ..
            } => {
                let new = |mail: &Mail| {
                    let mut known = tokens_handed_out
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner);
                    mail.token(page).filter(|token| known.insert(token.clone()))
                };
                self.wait_for(address, new).await
            }
        }
    }

    /// A mail whose subject holds this text.
    pub(crate) async fn about(&self, address: &str, subject: &str) -> Mail {
        let fits = |mail: &Mail| mail.subject.contains(subject).then(|| mail.clone());
        match self {
            Self::Development(_) => {
                let mails = self.to(address).await;
                let found = mails.iter().find_map(fits);
                found.unwrap_or_else(|| {
                    panic!("no mail to {address} is about {subject:?}: {mails:#?}")
                })
            }
            Self::Peer { .. } => self.wait_for(address, fits).await,
        }
    }

    /// Waits for the mail in which `find` finds something.
    async fn wait_for<T>(&self, address: &str, find: impl Fn(&Mail) -> Option<T>) -> T {
        let Self::Peer { peer, .. } = self else {
            unreachable!("only a mail server is waited for")
        };
        loop {
            let received = peer.received().len();
            if let Some(found) = self.to(address).await.iter().find_map(&find) {
                return found;
            }
            peer.wait_for(received + 1).await;
        }
    }
}
