use accord_api_types::{ErrorCode, Task, Uuid};
use leptos::prelude::*;

use super::model::{About, Narrowing};
use crate::components::{Glyph, Icon, each};
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;

/// What the record is narrowed down to, each with a way out of it.
#[component]
pub(super) fn Narrowed(narrowing: Memo<Narrowing>, tasks: Signal<Vec<Task>>) -> impl IntoView {
    let session = Session::current();
    let me = session.account_id();
    let about = Memo::new(move |_| narrowing.with(Narrowing::about));
    let names = Remote::new(move || {
        let owner = narrowing.with(|now| now.owner.unwrap_or(me));
        let about = about.get();
        async move {
            let mut names = Vec::new();
            for (about, _) in about {
                if let Some(name) = name_now(session, owner, about).await? {
                    names.push((about, name));
                }
            }
            Ok::<_, accord_client::Error>(names)
        }
    })
    .follows(&[Topic::Members, Topic::Environments]);
    let name_of = move |about: About| {
        let now = names.data.with(|names| {
            let mut names = names.iter().flatten();
            names
                .find(|(one, _)| *one == about)
                .map(|(_, name)| name.clone())
        });
        now.or_else(|| tasks.with(|tasks| about.name_in(tasks)))
    };
    move || {
        about.with(|about| !about.is_empty()).then(|| {
            view! {
                <ul class="narrowings" aria-label="Narrowed down to">
                    {each(move || about.get(), |(about, rest)| (*about, rest.address()), move |(about, rest)| view! {
                        <li>
                            <a class="narrowing" href=rest.address()>
                                <span class="narrowing-words">{move || about.in_words(name_of(about).as_deref(), me)}</span>
                                <span class="visually-hidden">"– show the rest, too"</span>
                                <Glyph icon=Icon::X size=14/>
                            </a>
                        </li>
                    }.into_any())}
                </ul>
            }
        })
    }
}

/// What it is called now. What is gone, or not the reader's to see, is called as the record calls it.
async fn name_now(
    session: Session,
    owner: Uuid,
    about: About,
) -> accord_client::Result<Option<String>> {
    let client = session.client();
    let answer = match about {
        About::Member(id) if owner == session.account_id() => {
            let member = client.member(owner, id).await;
            member.map(|member| {
                let member = member.into_inner();
                member.display_name.unwrap_or(member.email)
            })
        }
        About::Environment(id) => {
            let environment = client.environment(owner, id).await;
            environment.map(|environment| environment.into_inner().name)
        }
        About::Member(_) | About::Actor(_) => return Ok(None),
    };
    match answer {
        Ok(name) => Ok(Some(name)),
        Err(error) if error.code() == Some(ErrorCode::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
