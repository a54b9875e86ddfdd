use accord_api_types::{UpdateWebhook, Webhook};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::dialogs::{DeleteDialog, RotateDialog, SwitchOffDialog};
use super::form::WebhookDialog;
use super::model::short_name;
use crate::components::{Glyph, Icon, Menu, MenuItem, Secret, SecretDialog, Toasts};
use crate::session::Session;
use crate::submission::Submission;

/// What can be done with webhooks, for whoever lists them.
#[derive(Clone, Copy, Debug)]
pub(super) struct WebhookTools {
    /// Which one it is done with; none is a new one.
    subject: RwSignal<Option<Webhook>>,
    form: RwSignal<bool>,
    rotating: RwSignal<bool>,
    switching_off: RwSignal<bool>,
    deleting: RwSignal<bool>,
    secret: RwSignal<Option<Secret>>,
    attempt: Submission,
    session: Session,
    toasts: Toasts,
    on_changed: Callback<()>,
    on_deleted: Callback<()>,
    on_tested: Callback<Webhook>,
}

impl WebhookTools {
    pub(super) fn new(on_changed: Callback<()>, on_deleted: Callback<()>) -> Self {
        let toasts = Toasts::current();
        let attempt = Submission::new();
        // What a menu asked for has no form that could say why it failed.
        Effect::new(move |_| {
            if let Some(failure) = attempt.failure.get() {
                toasts.failed(failure.sentence());
            }
        });
        // The log tells what comes of a test.
        let navigate = use_navigate();
        let on_tested = Callback::new(move |hook: Webhook| {
            let place = format!("/settings/webhooks/{}", hook.id);
            navigate(&place, Default::default());
        });
        Self {
            subject: RwSignal::new(None),
            form: RwSignal::new(false),
            rotating: RwSignal::new(false),
            switching_off: RwSignal::new(false),
            deleting: RwSignal::new(false),
            secret: RwSignal::new(None),
            attempt,
            session: Session::current(),
            toasts,
            on_changed,
            on_deleted,
            on_tested,
        }
    }

    /// Instead of going to the page of the webhook that was tested.
    pub(super) fn after_a_test(self, on_tested: Callback<()>) -> Self {
        Self {
            on_tested: Callback::new(move |_| on_tested.run(())),
            ..self
        }
    }

    pub(super) fn add(self) {
        self.show(None, self.form);
    }

    pub(super) fn edit(self, hook: Webhook) {
        self.show(Some(hook), self.form);
    }

    fn show(self, hook: Option<Webhook>, dialog: RwSignal<bool>) {
        self.subject.set(hook);
        dialog.set(true);
    }

    /// Whether something is under way.
    pub(super) fn busy(self) -> RwSignal<bool> {
        self.attempt.busy
    }

    pub(super) fn test(self, hook: Webhook) {
        let (client, account_id) = (self.session.client(), self.session.account_id());
        self.attempt.send(
            async move { client.test_webhook(account_id, hook.id).await },
            move |_| {
                self.toasts
                    .done("A test is on its way. The log tells what comes of it.");
                self.on_tested.run(hook);
            },
        );
    }

    /// Switching on takes nothing away, and asks nothing.
    pub(super) fn switch_on(self, hook: Webhook) {
        let (client, account_id) = (self.session.client(), self.session.account_id());
        let body = UpdateWebhook {
            enabled: Some(true),
            ..UpdateWebhook::default()
        };
        self.attempt.send(
            async move {
                client
                    .update_webhook(account_id, hook.id, &body, None)
                    .await
            },
            move |hook| {
                let name = short_name(&hook.url).to_owned();
                self.toasts.done(format!("The webhook to {name} is on."));
                self.on_changed.try_run(());
            },
        );
    }

    /// What can be done with one, as a menu; a page shows some of it as buttons.
    pub(super) fn menu(self, hook: &Webhook, whole: bool) -> AnyView {
        let may = |action: &str| hook.allowed_actions.iter().any(|allowed| allowed == action);
        let (may_edit, may_test) = (may("edit"), may("test"));
        let (may_rotate, may_delete) = (may("rotate_secret"), may("delete"));
        let enabled = hook.enabled;
        let stored = StoredValue::new(hook.clone());
        let show = move |dialog: RwSignal<bool>| {
            Callback::new(move |()| self.show(Some(stored.get_value()), dialog))
        };
        let with =
            move |act: fn(Self, Webhook)| Callback::new(move |()| act(self, stored.get_value()));
        view! {
            <Menu label=format!("What to do with {}", short_name(&hook.url)) trigger=|| view! { <Glyph icon=Icon::Ellipsis/> }>
                {(whole && may_edit).then(|| view! { <MenuItem icon=Icon::Pencil on_press=show(self.form)>"Edit"</MenuItem> })}
                {(whole && may_test).then(|| view! { <MenuItem icon=Icon::Send on_press=with(Self::test)>"Send a test"</MenuItem> })}
                {may_rotate.then(|| view! { <MenuItem icon=Icon::KeyRound on_press=show(self.rotating)>"Change the secret"</MenuItem> })}
                {(may_edit && enabled).then(|| view! { <MenuItem icon=Icon::CirclePause on_press=show(self.switching_off)>"Switch off"</MenuItem> })}
                {(may_edit && !enabled).then(|| view! { <MenuItem icon=Icon::Power on_press=with(Self::switch_on)>"Switch on"</MenuItem> })}
                {may_delete.then(|| view! { <MenuItem icon=Icon::Trash danger=true on_press=show(self.deleting)>"Delete"</MenuItem> })}
            </Menu>
        }
        .into_any()
    }

    /// The dialogs.
    pub(super) fn view(self) -> AnyView {
        let on_secret = Callback::new(move |secret: Secret| {
            self.secret.set(Some(secret));
            self.on_changed.try_run(());
        });
        view! {
            <WebhookDialog open=self.form hook=self.subject on_made=on_secret on_saved=self.on_changed/>
            <RotateDialog open=self.rotating hook=self.subject on_secret=on_secret/>
            <SwitchOffDialog open=self.switching_off hook=self.subject on_done=self.on_changed/>
            <DeleteDialog open=self.deleting hook=self.subject on_done=self.on_deleted/>
            <SecretDialog secret=self.secret/>
        }
        .into_any()
    }
}
