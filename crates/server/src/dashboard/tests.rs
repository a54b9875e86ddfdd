use actix_web::{
    App,
    body::to_bytes,
    dev::ServiceResponse,
    http::{StatusCode, header::HeaderName},
    test::{TestRequest, call_service, init_service},
};

use super::*;

const MANIFEST: &[u8] = br#"{
    "mode": "release", "inputs": "x",
    "files": [
        {"path": "index.html", "content_type": "text/html; charset=utf-8", "digest": "d0",
         "immutable": false, "size": 4, "br_size": null, "gz_size": null},
        {"path": "assets/accord-1.wasm", "content_type": "application/wasm", "digest": "d1",
         "immutable": true, "size": 8, "br_size": 2, "gz_size": 3}
    ]
}"#;

static FILES: &[(&str, &[u8])] = &[
    ("manifest.json", MANIFEST),
    ("index.html", b"page"),
    ("assets/accord-1.wasm", b"identity"),
    ("assets/accord-1.wasm.br", b"br"),
    ("assets/accord-1.wasm.gz", b"gz!"),
];

async fn answer(dashboard: Dashboard, request: TestRequest) -> ServiceResponse {
    let dashboard = web::Data::new(dashboard);
    let app = init_service(
        App::new()
            .service(web::resource("/api/v1/known").to(HttpResponse::Ok))
            .configure(configure(dashboard)),
    )
    .await;
    call_service(&app, request.to_request()).await
}

async fn get(path: &str) -> ServiceResponse {
    answer(Dashboard::from_files(FILES), TestRequest::get().uri(path)).await
}

async fn get_with(path: &str, name: HeaderName, value: &str) -> ServiceResponse {
    let request = TestRequest::get().uri(path).insert_header((name, value));
    answer(Dashboard::from_files(FILES), request).await
}

fn header_of(response: &ServiceResponse, name: HeaderName) -> &str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().expect("ASCII"))
}

async fn body_of(response: ServiceResponse) -> Bytes {
    to_bytes(response.into_body()).await.expect("a body")
}

#[actix_web::test]
async fn every_place_of_the_dashboard_is_the_page() {
    for path in [
        "/",
        "/environments",
        "/invitations/5Zc-_token",
        "/settings/members?status=active",
    ] {
        let response = get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(header_of(&response, header::CACHE_CONTROL), "no-cache");
        assert_eq!(
            header_of(&response, header::CONTENT_TYPE),
            "text/html; charset=utf-8"
        );
        assert_eq!(body_of(response).await, "page");
    }
}

#[actix_web::test]
async fn what_is_not_there_is_not_the_page() {
    for path in [
        "/assets/accord-0.wasm",
        "/assets/",
        "/assets/folder",
        "/favicon.ico",
        "/assets/../manifest.json",
        "/manifest.json",
        "/api/v1/unknown",
        "/api",
        "/docs/unknown",
        "/dev/mailbox",
        "/metrics",
    ] {
        let response = get(path).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header_of(&response, header::CACHE_CONTROL), "no-store");
    }
    assert_eq!(get("/api/v1/known").await.status(), StatusCode::OK);
}

#[actix_web::test]
async fn files_named_by_content_are_kept_for_ever() {
    let response = get("/assets/accord-1.wasm").await;
    assert_eq!(
        header_of(&response, header::CACHE_CONTROL),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(
        header_of(&response, header::CONTENT_TYPE),
        "application/wasm"
    );
    assert_eq!(header_of(&response, header::VARY), "Accept-Encoding");
}

#[actix_web::test]
async fn the_smallest_form_that_the_browser_takes_is_sent() {
    for (accepted, encoding, body) in [
        ("gzip, deflate, br, zstd", "br", "br"),
        ("gzip", "gzip", "gz!"),
        ("GZIP;q=0.5", "gzip", "gz!"),
        ("br;q=0, *", "gzip", "gz!"),
        ("*;q=0", "", "identity"),
        ("identity", "", "identity"),
        ("", "", "identity"),
    ] {
        let response = get_with("/assets/accord-1.wasm", header::ACCEPT_ENCODING, accepted).await;
        assert_eq!(
            header_of(&response, header::CONTENT_ENCODING),
            encoding,
            "{accepted}"
        );
        assert_eq!(body_of(response).await, body, "{accepted}");
    }
}

#[actix_web::test]
async fn a_known_tag_saves_the_body() {
    let response = get("/").await;
    let tag = header_of(&response, header::ETAG).to_owned();
    assert_eq!(tag, "\"d0\"");
    let again = get_with("/", header::IF_NONE_MATCH, &tag).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(header_of(&again, header::ETAG), tag);
    assert!(body_of(again).await.is_empty());
    let other = get_with("/", header::IF_NONE_MATCH, "\"other\"").await;
    assert_eq!(other.status(), StatusCode::OK);
}

#[actix_web::test]
async fn every_answer_carries_the_security_headers() {
    let post = TestRequest::post().uri("/environments");
    for response in [
        get("/").await,
        get("/assets/accord-1.wasm").await,
        get("/assets/unknown.js").await,
        answer(Dashboard::from_files(FILES), post).await,
        answer(Dashboard::from_files(&[]), TestRequest::get().uri("/")).await,
    ] {
        assert_eq!(
            header_of(&response, header::CONTENT_SECURITY_POLICY),
            CONTENT_SECURITY_POLICY
        );
        for (name, value) in SECURITY_HEADERS {
            let name = HeaderName::try_from(name).expect("a header name");
            assert_eq!(header_of(&response, name), value);
        }
    }
}

#[actix_web::test]
async fn other_methods_are_refused() {
    let response = answer(
        Dashboard::from_files(FILES),
        TestRequest::delete().uri("/environments"),
    )
    .await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(header_of(&response, header::ALLOW), "GET, HEAD");
}

#[actix_web::test]
async fn without_a_dashboard_a_page_says_how_to_build_it() {
    let response = answer(
        Dashboard::from_files(&[]),
        TestRequest::get().uri("/environments"),
    )
    .await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body = body_of(response).await;
    let text = std::str::from_utf8(&body).expect("UTF-8");
    assert!(text.contains("cargo xtask dashboard"));
}

#[actix_web::test]
async fn a_folder_is_read_again_when_it_is_replaced() {
    let folder = env::temp_dir().join(format!("accord-dashboard-{}", std::process::id()));
    let write = |page: &str, age: u64| {
        fs::create_dir_all(folder.join("assets")).expect("a folder");
        for (name, bytes) in FILES {
            fs::write(folder.join(name), bytes).expect("a file");
        }
        fs::write(folder.join("index.html"), page).expect("a file");
        let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(age);
        let manifest = fs::File::options()
            .write(true)
            .open(folder.join("manifest.json"));
        manifest
            .and_then(|file| file.set_modified(time))
            .expect("a time");
    };
    let dashboard = Dashboard::from_folder(&folder);
    assert!(!dashboard.is_built());
    let page = || {
        let site = dashboard.site().expect("a site");
        site.file("index.html").expect("a page").identity.clone()
    };
    write("first", 1_000);
    assert_eq!(page(), "first");
    write("second", 2_000);
    assert_eq!(page(), "second");
    // Taken away for a moment, as when a new build is put into place.
    fs::remove_dir_all(&folder).expect("removed");
    assert_eq!(page(), "second");
}
