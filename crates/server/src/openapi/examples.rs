//! Examples for every body of the API, made from its schemas: a small story with the same people and
//! things throughout. A field gets its example by its name, here, once; what is left follows from its type.

use accord_api_types::ErrorCode;
use serde_json::{Map, Value, json};

use crate::problem::MEDIA_TYPE;

const OWNER: &str = "01975c2e-8a00-7d31-9c40-5b6a1f2e3d01";
const PERSON: &str = "01975c2e-8a00-7d31-9c40-5b6a1f2e3d02";
const MEMBER: &str = "01975c2e-8a00-7d31-9c40-5b6a1f2e3d03";
const ENVIRONMENT: &str = "01975c2e-8a00-7d31-9c40-5b6a1f2e3d04";
const GROUP: &str = "01975c2e-8a00-7d31-9c40-5b6a1f2e3d05";
const ROLE: &str = "01975c2e-8a00-7d31-9c40-5b6a1f2e3d06";
const POLICY: &str = "01975c2e-8a00-7d31-9c40-5b6a1f2e3d07";
const SESSION: &str = "01975c2e-8a00-7d31-9c40-5b6a1f2e3d08";
const TASK: &str = "01975c2e-8a00-7d31-9c40-5b6a1f2e3d09";
const NOTIFICATION: &str = "01975c2e-8a00-7d31-9c40-5b6a1f2e3d0a";
const API_TOKEN: &str = "01975c2e-8a00-7d31-9c40-5b6a1f2e3d0c";
const WEBHOOK: &str = "01975c2e-8a00-7d31-9c40-5b6a1f2e3d0e";
const DELIVERY: &str = "01975c2e-8a00-7d31-9c40-5b6a1f2e3d0f";
const MOMENT: &str = "2026-03-02T09:30:00Z";
const END: &str = "2026-06-30T22:00:00Z";
const LINK_TOKEN: &str = "kq7dGm0vXhD2m1y8yS4l3cZp9wTfUoQ5aBnRrEjLxIs";

/// The example of a field, by `Type.field` or by `field` alone; the first that fits counts.
fn told(owner: &str, field: &str) -> Option<Value> {
    let value = match (owner, field) {
        ("Account" | "SignUp" | "UpdateAccount" | "AccountSummary", "name") => json!("Mia Berg"),
        ("Account" | "AccountSummary" | "SignUp" | "SignIn" | "AccountEmail", "email")
        | ("ForgotPassword", "email")
        | ("TaskActor", "email")
        | (_, "owner_email") => json!("mia@example.com"),
        (_, "owner_name") => json!("Mia Berg"),
        ("AccountSummary" | "Account", "id") => json!(OWNER),
        ("CheckSubject", "email") => json!(null),
        ("ChangeEmail" | "PendingEmail", "email") => json!("mia@studio.example.com"),
        ("NotificationPreference" | "ChooseNotification", "email") => json!(false),
        (_, "email" | "member_email") => json!("noor@example.com"),
        (_, "display_name") if owner.contains("Environment") => json!("Shop"),
        ("AcceptInvitation", "name") | (_, "display_name" | "member_name" | "actor_name") => {
            json!("Noor")
        }
        ("ApiToken" | "CreateApiToken" | "TaskToken", "name") => json!("Deployment"),
        ("ApiToken" | "TaskToken", "id") => json!(API_TOKEN),
        ("ApiToken", "hint") => json!("acc_k3f9"),
        ("ApiToken", "expired") => json!(false),
        (_, "scopes") => json!(["read", "environments"]),
        ("NewApiToken", "secret") => {
            json!("acc_k3f9wq7mzv2hxc5tjn6ydbgra4eusp3loi7f2kq5xw6mtzh4vcjn3ydbgr")
        }
        ("Task", "token") | ("NewApiToken", "token") => return None,
        ("TaskActor", "name") => json!("Mia Berg"),
        ("TaskActor", "id") => json!(OWNER),
        ("TaskItem", "name") => json!("noor@example.com"),
        ("TaskItem", "kind") => json!("member"),
        ("TaskItem" | "Member" | "Collaboration" | "EndedCollaboration", "id") => json!(MEMBER),
        ("UsedBy", "name") => json!("Noor"),
        ("UsedBy", "id") => json!(MEMBER),
        ("Explanation" | "CheckResult", "allowed") => json!(true),
        ("Explanation" | "CheckResult", "access_level") | ("ExplainedStep", "level") => {
            json!("group")
        }
        ("Explanation", "missing") => json!(null),
        ("ExplainedStep", "item") => json!({ "kind": "group", "id": GROUP }),
        ("ExplainedStep", "item_name" | "via_name") => json!("web/live"),
        ("ExplainedStep", "via") => json!(GROUP),
        ("ExplainedStep", "share") => json!({
            "item": { "kind": "group", "id": GROUP },
            "role_ids": [ROLE],
            "expires_at": END,
            "ended": false,
        }),
        ("ExplainedStep", "counted") => json!(true),
        ("ExplainedStep", "sentence") => json!("These roles apply."),
        ("GrantingPolicy", "role_name") => json!("Deployer"),
        ("GrantingPolicy", "policy_id") => json!(POLICY),
        ("GrantingPolicy", "policy_name") => json!("Run environments"),
        ("CheckResult", "missing_action_ids") => json!([]),
        (_, "revision" | "at_least_revision") => json!(42),
        ("PreviewChange", "kind") => json!("member_state"),
        ("PreviewChange", "id") => json!(MEMBER),
        ("PreviewChange", "member_id") => json!(null),
        ("PreviewChange", "to") => json!({ "verb": "suspend" }),
        ("PreviewItem", "gained") => json!([]),
        ("PreviewItem", "lost") => json!(["environment.start", "environment.stop"]),
        ("PreviewItem", "level_before") => json!("group"),
        ("PreviewItem", "level_after") => json!("none"),
        ("PreviewTotals", "complete") => json!(true),
        ("Webhook", "id") => json!(WEBHOOK),
        ("WebhookDelivery", "id") | (_, "delivery_id") => json!(DELIVERY),
        ("Webhook" | "CreateWebhook" | "UpdateWebhook", "url") => {
            json!("https://hooks.example.com/accord")
        }
        ("Webhook" | "CreateWebhook" | "UpdateWebhook", "description") => {
            json!("Keeps the deployment tool up to date.")
        }
        ("Webhook" | "CreateWebhook" | "UpdateWebhook", "event_types") => {
            json!(["shares.changed", "role.updated"])
        }
        ("Webhook" | "CreateWebhook" | "UpdateWebhook", "enabled") => json!(true),
        ("Webhook", "disabled_because" | "disabled_at" | "failing_since" | "last_failure_at")
        | ("Webhook", "last_error" | "former_secret_until")
        | ("NotificationParams", "webhook_id" | "webhook_url") => json!(null),
        ("Webhook", "allowed_actions") => json!(["edit", "rotate_secret", "delete", "test"]),
        ("NewWebhook", "secret") => json!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwX1z5fQ7dNjo="),
        ("WebhookDelivery", "status") => json!("delivered"),
        ("WebhookDelivery", "event_type") | ("WebhookEvent", "type") => json!("shares.changed"),
        ("WebhookDelivery", "next_attempt_at") => json!(null),
        ("WebhookDelivery", "attempt_count") | ("WebhookAttempt", "number") => json!(1),
        ("WebhookDelivery" | "WebhookAttempt", "duration_ms") => json!(87),
        ("WebhookDelivery" | "WebhookAttempt", "response_status") => json!(204),
        ("WebhookDelivery", "response_body") => json!(""),
        ("WebhookEventData", "item") => json!({ "kind": "member", "id": MEMBER }),
        ("WebhookEventData", "changed") => json!(["shares"]),
        (_, "task_id") => json!(TASK),
        ("Action", "id") => json!("environment.start"),
        ("Action", "category") => json!("Environments"),
        ("Action", "title") => json!("Start an environment"),
        ("Action", "description") => json!("Start an environment that is stopped or sleeping."),
        ("Policy" | "CreatePolicy" | "UpdatePolicy", "name") => json!("Run environments"),
        ("Policy" | "CreatePolicy" | "UpdatePolicy", "description") => {
            json!("Start, stop and restart, nothing else.")
        }
        ("Policy", "id") => json!(POLICY),
        ("CopyRole", "name") => json!("Deployer at night"),
        (_, "name") if owner.contains("Role") => json!("Deployer"),
        (_, "description") if owner.contains("Role") => {
            json!("Deploys and restarts, and reads logs.")
        }
        (_, "id") if owner.contains("Role") => json!(ROLE),
        ("Group" | "CreateGroup" | "UpdateGroup", "name") => json!("live"),
        ("CreateGroup", "path") => json!(null),
        ("Group", "path") => json!("web/live"),
        ("Group" | "CreateGroup" | "UpdateGroup", "color") => json!("#10b981"),
        ("Group", "id") => json!(GROUP),
        ("Group" | "CreateGroup" | "UpdateGroup", "parent_id") => json!(null),
        ("Item", "kind") => json!("environment"),
        ("Item", "id") => json!(ENVIRONMENT),
        (_, "name") if owner.contains("Environment") => json!("shop"),
        ("Environment", "id") => json!(ENVIRONMENT),
        ("Environment", "created_by") => json!(OWNER),
        ("Environment", "action_ids") => json!(["environment.start", "environment.stop"]),
        ("Environment", "allowed_actions") => json!(["edit"]),
        ("Environment", "access_level") => json!("group"),
        ("Member", "allowed_actions") => json!(["edit", "copy", "suspend", "remove"]),
        ("Collaboration", "allowed_actions") => json!(["leave"]),
        ("Policy" | "Group", "allowed_actions") => json!(["edit", "delete"]),
        ("EnvironmentAccess", "allowed_actions") => json!(["edit", "remove"]),
        ("EnvironmentAccess", "refusals") => json!([]),
        (_, "allowed_actions") => json!(["edit", "copy", "delete"]),
        ("Session", "id") => json!(SESSION),
        ("Session", "current") => json!(true),
        ("Task" | "ExportedTask", "id") => json!(TASK),
        ("Task" | "ExportedTask", "action") => json!("member.suspend"),
        ("Task" | "ExportedTask", "before") => json!({ "status": "active" }),
        ("Task" | "ExportedTask", "after") => json!({ "status": "suspended" }),
        ("Task", "names") => json!({}),
        ("ExportedTask", "item") => {
            json!({ "kind": "member", "id": MEMBER, "name": "noor@example.com" })
        }
        ("ExportedTask", "actor_id" | "account_id") => json!(OWNER),
        ("AccessRefusal", "action") => json!("remove"),
        ("Notification", "id") => json!(NOTIFICATION),
        ("Notification", "account_id") => json!(OWNER),
        ("Notification", "kind") => json!("shares_changed"),
        ("NotificationParams", "alert" | "ended_because" | "error" | "more_items")
        | ("NotificationParams", "environment_name") => json!(null),
        ("NotificationItem", "item") => json!("web/live"),
        ("NotificationItem", "roles") => json!(["Deployer"]),
        ("NotificationItem", "roles_before") => json!(["Viewer"]),
        ("ChooseNotifications", "load_alert") => json!({ "email": false }),
        ("ChooseNotifications", kind) if !kind.is_empty() => json!(null),
        ("MarkNotificationsRead", "ids") => json!(null),
        ("MarkNotificationsRead", "all_until") => json!(NOTIFICATION),
        ("InvitationLink", "url") => {
            json!(format!(
                "https://accord.example.com/invitations/{LINK_TOKEN}"
            ))
        }
        ("TimelineEvent", "event") => json!("opened"),
        ("ServiceInfo", "version") => json!(env!("CARGO_PKG_VERSION")),
        ("Health", "status") => json!("ok"),
        ("PostLoadAlert" | "AlertFacts", "metric") => json!("cpu"),
        ("PostLoadAlert" | "AlertFacts", "value") => json!(93.5),
        ("PostLoadAlert" | "AlertFacts", "threshold") => json!(90.0),
        ("PostLoadAlert" | "AlertFacts", "message") => {
            json!("Above 90 % for ten minutes.")
        }
        ("Invitation" | "ProblemContext", "state") => json!("open"),
        ("Collaboration", "label") | ("UpdateCollaboration", "label") => json!("Mia's shop"),
        ("SharedItem", "item_name") | (_, "environment_name") => json!("shop"),
        ("RoleSummary" | "ShareableRole", "policies") => json!(["Run environments"]),
        (_, "role_names") => json!(["Deployer"]),
        (_, "action_ids" | "missing_action_ids") => {
            json!(["environment.start", "environment.stop"])
        }
        (_, "account_id" | "actor_id" | "owner_id") => json!(PERSON),
        (_, "member_id") => json!(MEMBER),
        (_, "environment_id") => json!(ENVIRONMENT),
        (_, "environment_ids") => json!([ENVIRONMENT]),
        (_, "group_id") => json!(GROUP),
        (_, "group_ids") => json!([GROUP]),
        (_, "role_id") => json!(ROLE),
        (_, "role_ids") => json!([ROLE]),
        (_, "policy_ids") => json!([POLICY]),
        (_, "status") if owner == "Problem" => return None,
        ("Invite" | "CopyMember", "status") => return None,
        ("Member" | "Collaboration" | "EnvironmentAccess" | "ProblemContext", "status") => {
            json!("active")
        }
        ("EndedCollaboration", "status") => json!("left"),
        ("DraftAccess" | "EffectiveAccess" | "EnvironmentAccess", "access_level") => {
            json!("direct")
        }
        (
            "Member" | "Collaboration",
            "suspended_at" | "ended_at" | "invitation_expires_at" | "invitation_mail",
        ) => json!(null),
        (_, "next_cursor" | "read_at" | "error" | "reason" | "until" | "pending") => json!(null),
        (_, "expires_at") => json!(END),
        (_, "expires_in") => json!(300),
        (_, "share_count") => json!(3),
        (_, "member_count" | "environment_count" | "notified") => json!(2),
        (_, "email_verified" | "verified" | "mail_server" | "sign_up_open" | "upgrade_open")
        | (_, "tasks_complete" | "optional" | "dashboard") => json!(true),
        (_, "receive_load_alerts") => json!(true),
        (_, "password" | "current_password") => json!("correct-horse-battery-staple"),
        (_, "new_password") => json!("seven-quiet-otters-on-a-bridge"),
        (_, "token") => json!(LINK_TOKEN),
        (_, "access_token") => json!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl"),
        (_, "user_agent") => json!("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"),
        (_, "network_address") => json!("203.0.113.7"),
        (_, "request_id") => json!("01975c2e8a007d319c405b6a1f2e3d0b"),
        (_, "means") => json!("session"),
        (_, "detail") => json!(null),
        _ => return None,
    };
    Some(value)
}

/// An example that fits the schema, or the place of which nothing is known.
fn example(components: &Value, schema: &Value, owner: &str, field: &str) -> Result<Value, String> {
    if let Some(value) = told(owner, field) {
        return Ok(value);
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return example(components, &components["schemas"][name], name, "");
    }
    if let Some(word) = schema["enum"].get(0) {
        return Ok(word.clone());
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        let kinds = schema[choice].as_array().into_iter().flatten();
        let mut real = kinds.filter(|kind| kind["type"] != "null");
        if let Some(first) = real.next() {
            return example(components, first, owner, field);
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null"),
        kind => Some(kind),
    };
    let unknown = || Err(format!("{owner}.{field}"));
    match (kind.and_then(Value::as_str), schema["format"].as_str()) {
        (Some("object"), _) => {
            // A page repeats what it holds; the name is that of the item.
            let owner = owner.strip_prefix("Page_").unwrap_or(owner);
            let fields = schema["properties"].as_object().into_iter().flatten();
            let mut object = Map::new();
            for (name, schema) in fields {
                let value = example(components, schema, owner, name)?;
                // What is never null is left out of the example, where it is not part of it.
                if !value.is_null() || takes_null(schema) {
                    object.insert(name.clone(), value);
                }
            }
            Ok(Value::Object(object))
        }
        (Some("array"), _) => Ok(json!([example(components, &schema["items"], owner, "")?])),
        (Some("string"), Some("date-time")) => Ok(json!(MOMENT)),
        (Some("string"), Some("uuid")) => unknown(),
        (Some("integer"), _) => Ok(json!(1)),
        (Some("number"), _) => Ok(json!(1.5)),
        (Some("boolean"), _) => Ok(json!(false)),
        _ => unknown(),
    }
}

fn takes_null(schema: &Value) -> bool {
    const SAYS: [&str; 5] = ["type", "oneOf", "anyOf", "allOf", "$ref"];
    let is_null = |kind: &Value| kind == "null" || kind["type"] == "null";
    let kinds = SAYS.iter().filter_map(|says| schema[says].as_array());
    SAYS.iter().all(|says| schema[says].is_null()) || kinds.flatten().any(is_null)
}

/// Adds an example to every body and every parameter of the path, and the examples of problems that the
/// answers refer to. What lacks one is answered: nothing should.
pub(super) fn add(document: &mut Value) -> Vec<String> {
    let mut components = document["components"].take();
    let mut lacking = Vec::new();
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, item) in paths {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            if operation["operationId"].is_null() {
                continue;
            }
            let id = operation["operationId"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            let mut missing = |what: String| lacking.push(format!("{id}: {what}"));
            let parameters = operation
                .get_mut("parameters")
                .and_then(Value::as_array_mut);
            for parameter in parameters.into_iter().flatten() {
                if parameter["in"] == "path" {
                    match in_path(path, parameter["name"].as_str().unwrap_or_default()) {
                        Some(value) => parameter["example"] = value,
                        None => missing(format!("parameter {}", parameter["name"])),
                    }
                }
            }
            let request = operation.get_mut("requestBody");
            if let Err(place) = request.map_or(Ok(()), |body| add_to(&components, body)) {
                missing(place);
            }
            let answers = operation["responses"].as_object_mut().into_iter().flatten();
            for (_, answer) in answers {
                if let Err(place) = add_to(&components, answer) {
                    missing(place);
                }
            }
        }
    }
    components["examples"] = problems();
    document["components"] = components;
    lacking
}

/// The thing that a parameter of the path names.
fn in_path(path: &str, name: &str) -> Option<Value> {
    let kind = match name {
        "account_id" => return Some(json!(OWNER)),
        "id" => {
            let before = path.split("/{id}").next().unwrap_or_default();
            match before.rsplit('/').next().unwrap_or_default() {
                "sessions" => "Session",
                "tokens" => "ApiToken",
                "policies" => "Policy",
                "roles" => "Role",
                "groups" => "Group",
                "environments" => "Environment",
                "webhooks" => "Webhook",
                "members" | "collaborations" => "Member",
                _ => return None,
            }
        }
        _ => "",
    };
    told(kind, name)
}

fn add_to(components: &Value, body: &mut Value) -> Result<(), String> {
    // Asked for by its index, what is not there would be put there as `null`, which describes nothing.
    let content = body.get_mut("content").and_then(Value::as_object_mut);
    for (media_type, content) in content.into_iter().flatten() {
        if media_type == MEDIA_TYPE {
            continue;
        }
        let value = match media_type.as_str() {
            "text/event-stream" => json!(format!(
                "id: {TASK}\nevent: access\ndata: {{\"account_id\":\"{OWNER}\"}}\n\n"
            )),
            "application/x-ndjson" => json!(format!(
                "{{\"id\":\"{TASK}\",\"at\":\"{MOMENT}\",\"action\":\"member.suspend\"}}\n"
            )),
            _ if content["schema"] == json!({}) => json!({ "openapi": "3.1.0" }),
            "text/plain" => {
                json!("accord_http_requests_total{operation=\"list_members\",status=\"200\"} 42\n")
            }
            "text/csv" => json!(
                "at,action,actor,actor_email,means,item\n2026-03-02T09:30:00.000000Z,member.suspend,Mia Berg,mia@example.com,session,noor@example.com\n"
            ),
            _ => example(components, &content["schema"], "", "")?,
        };
        content["example"] = value;
    }
    Ok(())
}

/// The name under which the example of a problem is found.
pub(super) fn of_problem(code: ErrorCode) -> Value {
    json!({ "$ref": format!("#/components/examples/{code}") })
}

fn problems() -> Value {
    let examples = ErrorCode::ALL.iter().map(|code| {
        let mut value = json!({
            "type": format!("https://accord.example.com/errors#{code}"),
            "title": code.title(),
            "status": code.status(),
            "detail": code.meaning().replace('`', ""),
            "code": code,
            "request_id": "01975c2e8a007d319c405b6a1f2e3d0b",
        });
        match code {
            ErrorCode::ValidationFailed => {
                value["errors"] = json!([
                    { "pointer": "/email", "detail": "This is not an e-mail address." }
                ]);
            }
            ErrorCode::MemberExists => {
                value["context"] = json!({ "member_id": MEMBER, "status": "left" });
            }
            ErrorCode::IllegalTransition => {
                value["context"] = json!({ "status": "left", "event": "suspend" });
            }
            ErrorCode::ScopeMissing => {
                value["context"] = json!({ "missing_scope": "members" });
            }
            ErrorCode::InUse => {
                value["context"] = json!({ "used_by": [{ "id": MEMBER, "name": "Noor" }] });
            }
            ErrorCode::InvitationNotOpen => {
                value["context"] = json!({ "state": "expired" });
            }
            _ => {}
        }
        (
            code.as_str().to_owned(),
            json!({ "summary": code.title(), "value": value }),
        )
    });
    Value::Object(examples.collect())
}
