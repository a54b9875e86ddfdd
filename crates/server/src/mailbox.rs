//! The development mailbox: where no mail server is set up, this machine can read what would have
//! been sent. It holds live links, so nobody else ever sees it.

use accord_api_types::{DevelopmentMail, ErrorCode};
use accord_mail::mailbox::{StoredMail, recent};
use accord_service::ServiceError;
use actix_web::http::header;
use actix_web::{FromRequest as _, HttpRequest, HttpResponse, web};
use uuid::Uuid;

use crate::dashboard::security_headers;
use crate::extract::Query;
use crate::problem::{Answer, ApiError};
use crate::settings::is_loopback_authority;
use crate::state::App;

const SHOWN: u32 = 200;
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// A mail's own page is framed by the one above it, runs nothing and loads nothing; its links open
/// elsewhere.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox \
     allow-top-navigation-by-user-activation";

const STYLE: &str = "body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; \
     padding: 0 1rem; color-scheme: light dark; } table { border-collapse: collapse; width: 100%; } \
     th, td { text-align: left; padding: 0.4rem 0.8rem 0.4rem 0; border-bottom: 1px solid #8886; } \
     pre { white-space: pre-wrap; overflow-wrap: anywhere; } \
     iframe { width: 100%; height: 40rem; border: 1px solid #8886; background: white; }";

/// Which mails are asked for.
#[derive(Debug, serde::Deserialize)]
struct Narrowed {
    /// The address that they go to, as it was typed.
    to: Option<String>,
}

pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/dev/mailbox")
                .wrap(security_headers(PAGE_POLICY))
                .route(web::get().to(inbox))
                .default_service(web::to(nothing)),
        )
        .service(
            web::resource("/dev/mailbox.json")
                .route(web::get().to(list))
                .default_service(web::to(nothing)),
        )
        .service(
            web::resource("/dev/mailbox/{id}")
                .wrap(security_headers(PAGE_POLICY))
                .route(web::get().to(mail))
                .default_service(web::to(nothing)),
        )
        .service(
            web::resource("/dev/mailbox/{id}/html")
                .route(web::get().to(mail_html))
                .default_service(web::to(nothing)),
        );
}

/// Peer, `Host` and public URL must all be this machine: a page that a browser was lured to
/// resolves a name of its own, and a proxy brings others.
fn is_this_machine(request: &HttpRequest, state: &App) -> bool {
    let peer = request
        .peer_addr()
        .is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    // A request without the header, as HTTP/2 has it, names its authority in the address.
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.or_else(|| {
        request
            .uri()
            .authority()
            .map(|authority| authority.as_str())
    });
    let forwarded = request.headers().contains_key("x-forwarded-for")
        || request.headers().contains_key("forwarded");
    state.development_mailbox && peer && !forwarded && host.is_some_and(is_loopback_authority)
}

async fn mails(request: &HttpRequest, state: &web::Data<App>) -> Result<Vec<StoredMail>, ApiError> {
    if !is_this_machine(request, state) {
        return Err(ApiError::new(ErrorCode::NotFound));
    }
    // Only now: to whom there is no mailbox, there is nothing to ask wrongly either.
    let Query(Narrowed { to }) = Query::extract(request).await?;
    let (db, public_url) = (state.db.clone(), state.public_url.to_string());
    state
        .run(move |service| {
            Ok::<_, ServiceError>(
                db.read(|tx| recent(tx, service.link_sealer(), &public_url, to.as_deref(), SHOWN))?,
            )
        })
        .await
}

async fn list(request: HttpRequest, state: web::Data<App>) -> Answer {
    let mails = mails(&request, &state).await?;
    let shown: Vec<DevelopmentMail> = mails
        .into_iter()
        .map(
            |StoredMail {
                 to,
                 subject,
                 text,
                 html,
                 sent_at,
                 ..
             }| DevelopmentMail {
                to,
                subject,
                text,
                html,
                sent_at,
            },
        )
        .collect();
    Ok(HttpResponse::Ok().json(shown))
}

async fn inbox(request: HttpRequest, state: web::Data<App>) -> Answer {
    let mails = mails(&request, &state).await?;
    let mut content = String::from(
        "<h1>Development mailbox</h1>\n<p>No mail server is set up, so e-mail stays here. Only this \
         machine can see this page.</p>\n",
    );
    if mails.is_empty() {
        content.push_str("<p>There is no mail yet.</p>\n");
    } else {
        content.push_str("<table>\n<thead><tr><th>Time (UTC)</th><th>To</th><th>Subject</th></tr></thead>\n<tbody>\n");
        for mail in &mails {
            content.push_str(&format!(
                "<tr><td>{time}</td><td>{to}</td><td><a href=\"/dev/mailbox/{id}\">{subject}</a></td></tr>\n",
                time = mail.sent_at.format("%Y-%m-%d %H:%M:%S"),
                to = escaped(&mail.to),
                id = mail.id,
                subject = escaped(&mail.subject),
            ));
        }
        content.push_str("</tbody>\n</table>\n");
    }
    Ok(page("Development mailbox", &content))
}

async fn mail(request: HttpRequest, state: web::Data<App>, id: web::Path<String>) -> Answer {
    let mail = find(&request, &state, &id).await?;
    let content = format!(
        "<p><a href=\"/dev/mailbox\">All mail</a></p>\n<h1>{subject}</h1>\n<p>To {to}, {time} UTC</p>\n\
         <h2>As HTML</h2>\n<iframe title=\"The mail as HTML\" src=\"/dev/mailbox/{id}/html\"></iframe>\n\
         <h2>As text</h2>\n<pre>{text}</pre>\n",
        subject = escaped(&mail.subject),
        to = escaped(&mail.to),
        time = mail.sent_at.format("%Y-%m-%d %H:%M:%S"),
        id = mail.id,
        text = escaped(&mail.text),
    );
    Ok(page(&mail.subject, &content))
}

async fn mail_html(request: HttpRequest, state: web::Data<App>, id: web::Path<String>) -> Answer {
    let mail = find(&request, &state, &id).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, MAIL_POLICY))
        .insert_header((header::X_FRAME_OPTIONS, "SAMEORIGIN"))
        .body(opening_outside(&mail.html)))
}

/// Links leave the frame, for the pages they lead to let nobody frame them.
fn opening_outside(html: &str) -> String {
    html.replacen("<head>", "<head><base target=\"_top\">", 1)
}

/// No method but reading, and no word of what there would be to read.
async fn nothing() -> Answer {
    Err(ApiError::new(ErrorCode::NotFound))
}

async fn find(
    request: &HttpRequest,
    state: &web::Data<App>,
    id: &str,
) -> Result<StoredMail, ApiError> {
    let not_found = || ApiError::new(ErrorCode::NotFound);
    let mails = mails(request, state).await?;
    let id: Uuid = id.parse().map_err(|_| not_found())?;
    mails
        .into_iter()
        .find(|mail| mail.id.0 == id)
        .ok_or_else(not_found)
}

fn page(title: &str, content: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} - Accord</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{content}</main>\n\
         </body>\n</html>\n",
        title = escaped(title),
    ))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_becomes_markup() {
        assert_eq!(
            escaped("<b title=\"a\" id='x'>&"),
            "&lt;b title=&quot;a&quot; id=&#39;x&#39;&gt;&amp;"
        );
    }
}
