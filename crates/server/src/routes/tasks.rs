use accord_api_types::{
    ErrorCode, ExportFormat, ExportTasksQuery, Page, Task, TaskActor, TaskItem, TaskToken,
    TasksQuery,
};
use accord_domain::ids::{AccountId, EnvironmentId, MemberId};
use accord_service::{Call, TaskFilter, TaskView};
use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use futures_util::stream;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{AccountPath, State, ok, whose_on};
use crate::caller::Scoped;
use crate::convert::{Fields, end_asked};
use crate::export::Sheet;
use crate::extract::{Ids, Query};
use crate::limits::Kind;
use crate::lists::{self, Asked, Sort};
use crate::problem::{Answer, ApiError};
use crate::scopes::Read;

pub(super) const SORTS: &[Sort] = &[Sort::by_time("at")];
const NEWEST_FIRST: &str = "-at";
const LONGEST_ACTION: usize = 60;
/// Entries that an export reads at once: what it holds in memory.
const EXPORTED_AT_ONCE: u32 = 500;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_tasks).service(export_tasks);
}

pub(crate) fn task(view: TaskView) -> Task {
    let mut token = None;
    let (request_id, network_address) = view
        .origin
        .map(|origin| {
            token = origin.token;
            (origin.request_id, origin.network_address)
        })
        .unzip();
    Task {
        id: view.id.into(),
        at: view.at,
        action: view.action,
        actor: (!view.actor_name.is_empty()).then(|| TaskActor {
            id: view.actor_id.map(Into::into),
            name: view.actor_name,
            email: view.actor_email,
        }),
        means: view.means,
        item: view
            .item
            .and_then(|item| serde_json::from_value::<TaskItem>(item).ok()),
        environment_id: view.environment_id.map(Into::into),
        member_id: view.member_id.map(Into::into),
        before: view.before,
        after: view.after,
        names: view
            .names
            .and_then(|names| serde_json::from_value(names).ok())
            .unwrap_or_default(),
        request_id,
        network_address,
        token: token.map(|token| TaskToken {
            id: token.id,
            name: token.name,
        }),
    }
}

/// What narrows a list and an export alike.
struct Narrowing {
    actor_id: Option<Uuid>,
    environment_id: Option<Uuid>,
    member_id: Option<Uuid>,
    action: Option<String>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

impl Narrowing {
    fn filter(self) -> Result<TaskFilter, ApiError> {
        let mut fields = Fields::default();
        let from = end_asked(&mut fields, "?from", self.from);
        let to = end_asked(&mut fields, "?to", self.to);
        if let (Some(Some(from)), Some(Some(to))) = (from, to)
            && from > to
        {
            fields.refuse("?to", "This is before the beginning.");
        }
        if self
            .action
            .as_deref()
            .is_some_and(|action| !is_action(action))
        {
            fields.refuse(
                "?action",
                "Expected an action such as member.suspend, or a family of actions such as member.",
            );
        }
        let times = from.zip(to);
        let (from, to) = fields.finish(times)?;
        Ok(TaskFilter {
            actor_id: self.actor_id.map(AccountId),
            environment_id: self.environment_id.map(EnvironmentId),
            member_id: self.member_id.map(MemberId),
            action: self.action,
            from,
            to,
        })
    }
}

/// Words of small letters, with dots between them.
fn is_action(text: &str) -> bool {
    text.len() <= LONGEST_ACTION
        && text.split('.').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        })
}

/// The record of an account
///
/// Who did what, when, to what and by which means, the newest first unless asked for otherwise. The
/// owner sees all of it. A member sees operations on the environments they see and on their own record,
/// without network addresses and without anything about others' access.
#[utoipa::path(
    operation_id = "list_tasks",
    tag = "tasks",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(AccountPath, TasksQuery),
    responses((status = 200, description = "A page of entries.", body = Page<Task>)),
)]
#[get("/accounts/{account_id}/tasks")]
async fn list_tasks(
    state: State,
    caller: Scoped<Read>,
    path: Ids<AccountPath>,
    Query(query): Query<TasksQuery>,
) -> Answer {
    let sort = query.sort.as_deref().unwrap_or(NEWEST_FIRST);
    let asked = lists::ask(query.limit, query.cursor.as_deref(), Some(sort), SORTS)?;
    let filter = Narrowing {
        actor_id: query.actor_id,
        environment_id: query.environment_id,
        member_id: query.member_id,
        action: query.action,
        from: query.from,
        to: query.to,
    }
    .filter()?;
    let host = AccountId(path.0.account_id);
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_tasks(&caller.0, host, &filter, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, task)))
}

/// Take the record away
///
/// The same entries as the list shows, all of them, the newest first, as a file: for a spreadsheet or
/// for a program. It is sent while it is read; one that breaks off was not finished, and is to be asked
/// for again.
#[utoipa::path(
    operation_id = "export_tasks",
    tag = "tasks",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(AccountPath, ExportTasksQuery),
    responses((status = 200, description = "The entries.", content(
        (String = "text/csv"),
        (String = "application/x-ndjson"),
    ))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden, ErrorCode::RateLimited]))),
)]
#[get("/accounts/{account_id}/tasks/export")]
async fn export_tasks(
    state: State,
    caller: Scoped<Read>,
    path: Ids<AccountPath>,
    Query(query): Query<ExportTasksQuery>,
) -> Answer {
    let format = query.format.unwrap_or(ExportFormat::Csv);
    let filter = Narrowing {
        actor_id: query.actor_id,
        environment_id: query.environment_id,
        member_id: query.member_id,
        action: query.action,
        from: query.from,
        to: query.to,
    }
    .filter()?;
    state.limit(Kind::Export, &whose_on(&caller.0, path.0.account_id))?;
    let asked = lists::ask(None, None, Some(NEWEST_FIRST), SORTS)?;
    let today = state.clock.now().format("%Y-%m-%d");
    let filename = format!("accord-tasks-{today}.{format}");
    let export = Export {
        state,
        call: caller.0,
        host: AccountId(path.0.account_id),
        filter,
        sheet: Sheet::new(format),
        next: Some(first_page(asked)),
    };
    // Whatever stands in the way is answered as such, while there is no file yet.
    let Some((first, rest)) = export.step().await? else {
        return Err(ApiError::internal("an export without a first page"));
    };
    let rest = stream::try_unfold(rest, |export| async { Ok(export.step().await?) });
    let body = futures_util::StreamExt::chain(
        stream::once(async { Ok::<_, actix_web::Error>(first) }),
        rest,
    );
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, Sheet::media_type(format)))
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(filename)],
        })
        .streaming(body))
}

fn first_page(asked: Asked) -> accord_service::Page {
    accord_service::Page {
        limit: EXPORTED_AT_ONCE,
        ..asked.page
    }
}

/// An export on its way.
struct Export {
    state: State,
    call: Call,
    host: AccountId,
    filter: TaskFilter,
    sheet: Sheet,
    /// The page to read next, until the last was read.
    next: Option<accord_service::Page>,
}

impl Export {
    /// Reads the next page, as the caller may see it now. Nothing after the last.
    async fn step(mut self) -> Result<Option<(actix_web::web::Bytes, Self)>, ApiError> {
        let Some(page) = self.next.take() else {
            return Ok(None);
        };
        let (call, filter, asked) = (self.call.clone(), self.filter.clone(), page.clone());
        let host = self.host;
        let rows = self
            .state
            .run(move |service| service.list_tasks(&call, host, &filter, &asked))
            .await?;
        let tasks: Vec<Task> = rows.items.into_iter().map(task).collect();
        let text = self
            .sheet
            .write(&tasks)
            .map_err(|error| ApiError::internal(error.to_string()))?;
        self.next = rows.next.map(|position| page.following(position));
        Ok(Some((text.into(), self)))
    }
}

#[cfg(test)]
mod tests {
    use super::is_action;

    #[test]
    fn actions_are_words_with_dots() {
        for good in ["member", "member.suspend", "group.set_environments"] {
            assert!(is_action(good), "{good}");
        }
        for bad in ["", "member.", ".x", "Member", "a b", "member%", "a/b", "ä"] {
            assert!(!is_action(bad), "{bad}");
        }
        assert!(!is_action(&"x".repeat(61)));
    }
}
