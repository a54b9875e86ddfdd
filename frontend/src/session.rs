//! Who is signed in. The browser keeps the refresh cookie; this keeps what the screens need of it.

use accord_api_types::{Account, ErrorCode, ServiceInfo, SignedIn};
use accord_client::Client;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast as _;

use crate::failure::Failure;

/// What is known of the person in front of the screen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    /// Not known yet: neither a guest's nor a member's screen may flash up.
    Loading,
    /// The server could not be asked.
    Unknown(Failure),
    SignedOut,
    SignedIn(Account),
}

/// The session of this browser tab.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    pub(crate) phase: RwSignal<Phase>,
    /// It ended while the person was at work: they sign in over what they have open.
    pub(crate) ended: RwSignal<bool>,
    /// The person signs out: what happens meanwhile is not asked about any more.
    leaving: RwSignal<bool>,
    /// What the service offers, once known.
    pub(crate) service: RwSignal<Option<ServiceInfo>>,
    /// Counts what was joined or turned down here: lists of what is shared with the person follow it.
    pub(crate) shared: RwSignal<u32>,
    client: StoredValue<Client>,
}

impl Session {
    /// Starts the session of this tab and asks the server who is signed in.
    pub(crate) fn start() -> Self {
        let origin = window().location().origin().unwrap_or_default();
        let session = Self {
            phase: RwSignal::new(Phase::Loading),
            ended: RwSignal::new(false),
            leaving: RwSignal::new(false),
            service: RwSignal::new(None),
            shared: RwSignal::new(0),
            client: StoredValue::new(Client::new(&origin)),
        };
        provide_context(session);
        session.ask();
        session
    }

    /// The session of the app around.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// A client of the API that shares this session.
    pub(crate) fn client(self) -> Client {
        self.client.get_value()
    }

    /// Asks the server who is signed in.
    pub(crate) fn ask(self) {
        let client = self.client();
        self.phase.set(Phase::Loading);
        spawn_local(async move {
            let refreshed = if may_be_signed_in() {
                client.refresh().await.map(Some)
            } else {
                Ok(None)
            };
            match refreshed {
                Ok(Some(signed_in)) => self.signed_in(signed_in),
                Ok(None) => self.phase.set(Phase::SignedOut),
                Err(error)
                    if matches!(
                        error.code(),
                        Some(ErrorCode::NotSignedIn | ErrorCode::AccountDisabled)
                    ) =>
                {
                    self.phase.set(Phase::SignedOut);
                }
                Err(error) => self.phase.set(Phase::Unknown(error.into())),
            }
            if let Ok(service) = client.service_info().await {
                self.service.set(Some(service));
            }
        });
    }

    /// Somebody signed in.
    pub(crate) fn signed_in(self, signed_in: SignedIn) {
        self.ended.set(false);
        self.phase.set(Phase::SignedIn(signed_in.account));
    }

    /// Asks again for the account: its address was verified, or its name changed.
    pub(crate) fn reload_account(self) {
        let client = self.client();
        spawn_local(async move {
            if let Ok(account) = client.account().await {
                let now = Phase::SignedIn(account.into_inner());
                if self.phase.with_untracked(|known| *known != now) {
                    self.phase.set(now);
                }
            }
        });
    }

    /// Takes over a session that the client got by other means than signing in.
    pub(crate) fn adopt(self) {
        self.ended.set(false);
        self.reload_account();
    }

    /// Ends the session, here and on the server.
    pub(crate) fn sign_out(self) {
        let client = self.client();
        self.leaving.set(true);
        spawn_local(async move {
            // Even if the server could not be told, this tab forgets.
            let _ = client.sign_out().await;
            self.leaving.set(false);
            self.ended.set(false);
            self.phase.set(Phase::SignedOut);
        });
    }

    /// Whether the person is signing out.
    pub(crate) fn is_leaving(self) -> bool {
        self.leaving.get_untracked()
    }

    /// The account is gone, and its sessions with it.
    pub(crate) fn forget(self) {
        self.ended.set(false);
        self.phase.set(Phase::SignedOut);
    }

    /// Something was joined or turned down.
    pub(crate) fn shared_changed(self) {
        self.shared.update(|count| *count = count.wrapping_add(1));
    }

    /// Looks at a failure for what concerns the session itself.
    pub(crate) fn notice(self, failure: &Failure) {
        let at_work = matches!(self.phase.get_untracked(), Phase::SignedIn(_));
        if at_work && failure.is_signed_out() {
            self.ended.set(true);
        }
    }

    /// The account, while signed in.
    pub(crate) fn account(self) -> Option<Account> {
        self.phase.with(|phase| match phase {
            Phase::SignedIn(account) => Some(account.clone()),
            _ => None,
        })
    }

    /// The id of the account that is signed in, as it is now.
    pub(crate) fn account_id(self) -> accord_api_types::Uuid {
        self.phase.with_untracked(|phase| match phase {
            Phase::SignedIn(account) => account.id,
            _ => accord_api_types::Uuid::nil(),
        })
    }
}

/// Whether the browser holds a refresh cookie, which only the server can read: another one stands beside it.
fn may_be_signed_in() -> bool {
    let page: web_sys::HtmlDocument = document().unchecked_into();
    let cookies = page.cookie().unwrap_or_default();
    cookies
        .split(';')
        .any(|cookie| cookie.trim().starts_with("accord_signed_in="))
}
