//! Settings, Programs, API tokens: what programs call with for the person.

mod form;
mod model;
mod revoke;

use accord_api_types::{ApiToken, PageQuery};
use leptos::prelude::*;

use crate::address::kept_in_address;
use crate::components::{
    Button, ButtonKind, Empty, Icon, PageHeader, RelativeTime, RoleTags, SearchField, Secret,
    SecretDialog, Select, Skeleton, each, screen,
};
use crate::listing::{every_page, in_words};
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;
use form::TokenDialog;
use model::{order_choices, scope_words, shown};
use revoke::RevokeDialog;

/// The page.
#[component]
pub(crate) fn Tokens() -> impl IntoView {
    let session = Session::current();
    let tokens = Remote::new(move || {
        let client = session.client();
        async move {
            every_page(|limit, cursor| {
                let client = client.clone();
                async move {
                    client
                        .api_tokens(&PageQuery {
                            limit,
                            cursor,
                            ..PageQuery::default()
                        })
                        .await
                }
            })
            .await
        }
    })
    .follows(&[Topic::Tokens]);
    let looked_for = kept_in_address("q");
    let order = kept_in_address("sort");
    let making = RwSignal::new(false);
    let revoking = RwSignal::new(false);
    let token = RwSignal::new(None::<ApiToken>);
    let secret = RwSignal::new(None::<Secret>);
    let add = Callback::new(move |()| making.set(true));
    let revoke = Callback::new(move |which: ApiToken| {
        token.set(Some(which));
        revoking.set(true);
    });
    let made = Callback::new(move |shown: Secret| {
        secret.set(Some(shown));
        tokens.reload();
    });
    view! {
        <PageHeader title="API tokens" lead="What your programs call with: each acts for you, as far as you let it.">
            <Button kind=ButtonKind::Primary icon=Icon::Plus on_press=add>"New token"</Button>
        </PageHeader>
        {screen(
            tokens,
            Skeleton::Rows(3),
            Vec::is_empty,
            move || view! {
                <Empty icon=Icon::KeyRound title="No API tokens yet" text="A program that calls for you signs in with a token of its own, so that you can say what it may do and stop it without touching your password.">
                    <Button kind=ButtonKind::Primary icon=Icon::Plus on_press=add>"New token"</Button>
                    <a class="button" data-kind="secondary" href="/docs/" rel="external">"API reference"</a>
                </Empty>
            },
            move |tokens| {
                let list = Memo::new(move |_| {
                    tokens.with(|tokens| looked_for.with(|looked_for| order.with(|order| shown(tokens, looked_for, order))))
                });
                view! {
                    <div class="toolbar">
                        <SearchField label="Find a token" value=looked_for/>
                        <Select label="Order" bare=true value=order choices=order_choices()/>
                        <span class="toolbar-end" aria-live="polite">{move || in_words(list.with(Vec::len), "token")}</span>
                    </div>
                    {move || list.with(Vec::is_empty).then(|| view! {
                        <Empty icon=Icon::Search title="Nothing like that" text="No token matches what you look for: neither by name, by how it begins, nor by what it may do.">
                            <Button on_press=Callback::new(move |()| looked_for.set(String::new()))>"Clear the search"</Button>
                        </Empty>
                    })}
                    <div class="table-frame" hidden=move || list.with(Vec::is_empty)>
                        <table class="table folds">
                            <thead>
                                <tr>
                                    <th scope="col">"Token"</th>
                                    <th scope="col">"May"</th>
                                    <th scope="col">"Created"</th>
                                    <th scope="col">"Ends"</th>
                                    <th scope="col">"Last used"</th>
                                    <th scope="col"><span class="visually-hidden">"What to do"</span></th>
                                </tr>
                            </thead>
                            <tbody>
                                {each(move || list.get(), |token| (token.id, token.expired, token.last_used_at), move |token| view! {
                                    <TokenRow token=token on_revoke=revoke/>
                                }.into_any())}
                            </tbody>
                        </table>
                    </div>
                }
            },
        )}
        <TokenDialog open=making on_made=made/>
        <RevokeDialog open=revoking token=token on_revoked=Callback::new(move |()| tokens.reload())/>
        <SecretDialog secret=secret/>
    }
}

#[component]
fn TokenRow(token: ApiToken, on_revoke: Callback<ApiToken>) -> impl IntoView {
    let scopes: Vec<String> = token
        .scopes
        .iter()
        .map(|scope| scope_words(*scope).0.to_owned())
        .collect();
    let stored = StoredValue::new(token.clone());
    view! {
        <tr>
            <td class="cell-name">
                <span class="strong">{token.name.clone()}</span>
                <code class="cell-sub">{token.hint} "…"</code>
            </td>
            <td data-label="May"><RoleTags names=scopes/></td>
            <td data-label="Created" class="cell-time"><RelativeTime at=token.created_at/></td>
            <td data-label="Ends" class="cell-time">
                {match token.expires_at {
                    Some(at) if token.expired => view! {
                        <span class="ended">"Ended " <RelativeTime at=at/></span>
                    }.into_any(),
                    Some(at) => view! { <RelativeTime at=at/> }.into_any(),
                    None => "Never".into_any(),
                }}
            </td>
            <td data-label="Last used" class="cell-time">
                {match token.last_used_at {
                    Some(at) => view! { <RelativeTime at=at/> }.into_any(),
                    None => "Never".into_any(),
                }}
            </td>
            <td class="cell-end">
                <Button label=format!("Revoke {}", token.name) on_press=Callback::new(move |()| on_revoke.run(stored.get_value()))>"Revoke"</Button>
            </td>
        </tr>
    }
}
