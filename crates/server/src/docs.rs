//! What explains the API: the OpenAPI document, an interactive reference, and the page of error
//! codes. Everything comes from this server.

use std::sync::Arc;

use accord_api_types::{BASE_PATH, ErrorCode};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa_swagger_ui::Config;

use crate::dashboard::{API_REFERENCE_SECURITY_POLICY, security_headers};
use crate::problem::{Answer, ApiError};

const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

pub(crate) fn configure(config: &mut web::ServiceConfig) {
    let reference = Config::new([format!("{BASE_PATH}/openapi.json")])
        // The public validator would be told of this server, and fail without the internet.
        .validator_url("none")
        .display_request_duration(true);
    config
        .app_data(web::Data::new(reference))
        .route("/docs", web::get().to(to_reference))
        .service(
            web::scope("/docs")
                .wrap(security_headers(API_REFERENCE_SECURITY_POLICY))
                .route("/{file:.*}", web::get().to(reference_file)),
        )
        .service(
            web::resource("/errors")
                .wrap(security_headers(PAGE_POLICY))
                .route(web::get().to(errors_page))
                .default_service(web::to(only_read)),
        );
}

/// The files name each other relatively, so the address of the page ends with a slash.
async fn to_reference() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, "/docs/"))
        .finish()
}

async fn reference_file(request: HttpRequest, reference: web::Data<Config<'static>>) -> Answer {
    let file = request.match_info().query("file");
    let found = utoipa_swagger_ui::serve(file, Arc::clone(&reference))
        .map_err(|error| ApiError::internal(format!("the API reference: {error}")))?;
    Ok(match found {
        Some(file) => HttpResponse::Ok()
            .content_type(file.content_type)
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .body(file.bytes.into_owned()),
        None => return Err(ApiError::new(ErrorCode::NotFound)),
    })
}

async fn only_read() -> Answer {
    Err(ApiError::method_not_allowed("GET, HEAD".to_owned()))
}

/// One section per code: what the `type` of a problem leads to.
async fn errors_page() -> HttpResponse {
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Error codes - Accord</title>\n<style>\n\
         body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }\n\
         :root { color-scheme: light dark; }\n\
         h2 { font-size: 1.1rem; margin-bottom: 0; }\n\
         :target { outline: 2px solid; outline-offset: 0.4rem; }\n\
         </style>\n</head>\n<body>\n<main>\n<h1>Error codes</h1>\n\
         <p>Everything but a success is answered with <code>application/problem+json</code>. Its \
         <code>code</code> is one of these, and stable; its <code>request_id</code> finds the request \
         in the server's log.</p>\n",
    );
    for code in ErrorCode::ALL {
        page.push_str(&format!(
            "<section id=\"{code}\">\n<h2>{status} <code>{code}</code>: {title}</h2>\n<p>{meaning}</p>\n</section>\n",
            status = code.status(),
            title = code.title(),
            meaning = code.meaning().replace('&', "&amp;").replace('<', "&lt;"),
        ));
    }
    page.push_str("</main>\n</body>\n</html>\n");
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(page)
}
