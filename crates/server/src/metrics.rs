//! What the program does, in numbers, for Prometheus: never a name, an address or an id.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use accord_domain::webhook::SwitchedOff;
use accord_service::{IndexFigures, OutboxView, WebhooksView};
use accord_store::PoolState;
use actix_web::HttpRequest;
use actix_web::http::{Method, StatusCode};
use ipnet::IpNet;
use prometheus::{
    Encoder as _, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
    Opts, Registry, TextEncoder,
};
use serde_json::Value;

use crate::request::is_trusted;
use crate::state::App;

/// Seconds: from what is answered from memory to what somebody gives up on.
const LATENCIES: [f64; 13] = [
    0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// What is looked up for each page.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    pub outbox: OutboxView,
    pub webhooks: WebhooksView,
    pub pool: PoolState,
    /// Whether what other instances commit is heard as it happens.
    pub hears_others: bool,
    pub streams: usize,
    pub indexes: IndexFigures,
}

/// The numbers of one instance.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    /// Method and route to the operation's id.
    operations: HashMap<(String, String), String>,
    requests: IntCounterVec,
    latency: HistogramVec,
    outbox: IntGaugeVec,
    outbox_oldest: IntGauge,
    webhooks: IntGaugeVec,
    deliveries: IntGauge,
    delivery_oldest: IntGauge,
    hears_others: IntGauge,
    connections: IntGaugeVec,
    streams: IntGauge,
    indexes: IntGauge,
    index_bytes: IntGauge,
    index_uses: IntCounterVec,
    indexes_given_up: IntCounter,
}

impl Metrics {
    /// Without any requests yet; the document says how operations are called.
    ///
    /// # Errors
    /// When a metric is declared wrongly.
    pub(crate) fn new(document: &Value) -> Result<Self, prometheus::Error> {
        let registry = Registry::new_custom(Some("accord".to_owned()), None)?;
        let requests = IntCounterVec::new(
            Opts::new("http_requests_total", "Requests that were answered."),
            &["operation", "status"],
        )?;
        let latency = HistogramVec::new(
            HistogramOpts::new(
                "http_request_duration_seconds",
                "How long it took until an answer began.",
            )
            .buckets(LATENCIES.to_vec()),
            &["operation"],
        )?;
        let outbox = IntGaugeVec::new(
            Opts::new("outbox_mails", "E-mail that waits or was given up."),
            &["state"],
        )?;
        let outbox_oldest = IntGauge::new(
            "outbox_oldest_seconds",
            "How long the e-mail that waits the longest has waited.",
        )?;
        let webhooks = IntGaugeVec::new(
            Opts::new(
                "webhooks",
                "Webhooks that are on, or were switched off and why.",
            ),
            &["state"],
        )?;
        let deliveries = IntGauge::new(
            "webhook_deliveries_waiting",
            "Deliveries to webhooks that wait, for their first attempt or another one.",
        )?;
        let delivery_oldest = IntGauge::new(
            "webhook_deliveries_oldest_seconds",
            "How long the delivery that waits the longest has waited.",
        )?;
        let hears_others = IntGauge::new(
            "hears_other_instances",
            "1 while commits of other instances are heard as they happen; else checks ask the database.",
        )?;
        let connections = IntGaugeVec::new(
            Opts::new("database_connections", "Connections to the database."),
            &["state"],
        )?;
        let streams = IntGauge::new("event_streams", "Event streams that are open.")?;
        let indexes = IntGauge::new(
            "access_indexes",
            "Accounts whose access index is in memory.",
        )?;
        let index_bytes = IntGauge::new(
            "access_index_bytes",
            "Bytes that the access indexes in memory take, about.",
        )?;
        let index_uses = IntCounterVec::new(
            Opts::new(
                "access_index_uses_total",
                "How access indexes were used: at hand, or after a look at the database that found nothing \
                 new, something to change, or that one had to be made.",
            ),
            &["outcome"],
        )?;
        let indexes_given_up = IntCounter::new(
            "access_indexes_given_up_total",
            "Access indexes that made room for others.",
        )?;
        let build = IntGaugeVec::new(
            Opts::new(
                "build_info",
                "Which version this is; the value is always 1.",
            ),
            &["version"],
        )?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(latency.clone()))?;
        registry.register(Box::new(outbox.clone()))?;
        registry.register(Box::new(outbox_oldest.clone()))?;
        registry.register(Box::new(webhooks.clone()))?;
        registry.register(Box::new(deliveries.clone()))?;
        registry.register(Box::new(delivery_oldest.clone()))?;
        registry.register(Box::new(hears_others.clone()))?;
        registry.register(Box::new(connections.clone()))?;
        registry.register(Box::new(streams.clone()))?;
        registry.register(Box::new(indexes.clone()))?;
        registry.register(Box::new(index_bytes.clone()))?;
        registry.register(Box::new(index_uses.clone()))?;
        registry.register(Box::new(indexes_given_up.clone()))?;
        registry.register(Box::new(build))?;
        Ok(Self {
            registry,
            operations: operations(document),
            requests,
            latency,
            outbox,
            outbox_oldest,
            webhooks,
            deliveries,
            delivery_oldest,
            hears_others,
            connections,
            streams,
            indexes,
            index_bytes,
            index_uses,
            indexes_given_up,
        })
    }

    /// Counts an answer. What is no operation of the API is counted together.
    pub(crate) fn answered(
        &self,
        method: &Method,
        route: Option<&str>,
        status: StatusCode,
        took: Duration,
    ) {
        let method = if method == Method::HEAD {
            Method::GET
        } else {
            method.clone()
        };
        let route = route.unwrap_or_default();
        let known = self
            .operations
            .get(&(method.as_str().to_owned(), route.to_owned()));
        let operation = known.map_or("other", String::as_str);
        self.requests
            .with_label_values(&[operation, status.as_str()])
            .inc();
        self.latency
            .with_label_values(&[operation])
            .observe(took.as_secs_f64());
    }

    /// The page that Prometheus reads.
    ///
    /// # Errors
    /// When a number cannot be written down.
    pub(crate) fn page(&self, figures: &Figures) -> Result<Vec<u8>, prometheus::Error> {
        let Figures {
            outbox,
            webhooks,
            pool,
            hears_others,
            streams,
            indexes,
        } = figures;
        let set = |gauges: &IntGaugeVec, state: &str, value: i64| {
            gauges.with_label_values(&[state]).set(value);
        };
        set(&self.outbox, "waiting", outbox.waiting);
        set(&self.outbox, "given_up", outbox.given_up);
        self.outbox_oldest.set(outbox.oldest_seconds);
        set(&self.webhooks, "on", webhooks.on);
        for (because, count) in &webhooks.off {
            set(&self.webhooks, off_because(*because), *count);
        }
        self.deliveries.set(webhooks.waiting);
        self.delivery_oldest.set(webhooks.oldest_seconds);
        self.hears_others.set((*hears_others).into());
        set(&self.connections, "open", pool.open.into());
        set(&self.connections, "idle", pool.idle.into());
        self.streams.set(gauge(*streams));
        self.indexes.set(gauge(indexes.accounts));
        self.index_bytes.set(gauge(indexes.bytes));
        for (outcome, count) in [
            ("at_hand", indexes.at_hand),
            ("unchanged", indexes.unchanged),
            ("changed", indexes.changed),
            ("made", indexes.made),
        ] {
            count_up_to(&self.index_uses.with_label_values(&[outcome]), count);
        }
        count_up_to(&self.indexes_given_up, indexes.given_up);
        let mut page = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut page)?;
        Ok(page)
    }
}

const fn off_because(because: SwitchedOff) -> &'static str {
    match because {
        SwitchedOff::Owner => "off_owner",
        SwitchedOff::Gone => "off_gone",
        SwitchedOff::Failing => "off_failing",
    }
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What was counted elsewhere. Two pages at once may both count the same up: a counter that is ahead waits.
fn count_up_to(counter: &IntCounter, count: u64) {
    counter.inc_by(count.saturating_sub(counter.get()));
}

fn operations(document: &Value) -> HashMap<(String, String), String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            let item = item.as_object().into_iter().flatten();
            item.filter_map(move |(method, operation)| {
                let id = operation["operationId"].as_str()?;
                Some(((method.to_uppercase(), path.clone()), id.to_owned()))
            })
        })
        .collect()
}

/// Whether whoever asks is in one of the networks. A proxy that is not trusted passes on what anybody asks:
/// what it marks as such is not answered.
pub(crate) fn may_read(request: &HttpRequest, app: &App, address: &str) -> bool {
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let by_proxy = peer.is_some_and(|peer| is_trusted(&peer, &app.trusted_proxies));
    let passed_on = ["x-forwarded-for", "forwarded", "x-real-ip"]
        .iter()
        .any(|header| request.headers().contains_key(*header));
    is_near(address, &app.metrics_from) && (by_proxy || !passed_on)
}

fn is_near(address: &str, networks: &[IpNet]) -> bool {
    address
        .parse::<IpAddr>()
        .is_ok_and(|address| networks.iter().any(|network| network.contains(&address)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_are_counted_by_operation_and_nothing_else_is_told() {
        let document = json!({ "paths": { "/api/v1/members/{id}": { "get": { "operationId": "get_member" } } } });
        let metrics = Metrics::new(&document).expect("metrics");
        let took = Duration::from_millis(3);
        let route = Some("/api/v1/members/{id}");
        metrics.answered(&Method::GET, route, StatusCode::OK, took);
        metrics.answered(&Method::HEAD, route, StatusCode::NOT_FOUND, took);
        metrics.answered(&Method::GET, None, StatusCode::OK, took);
        let outbox = OutboxView {
            waiting: 2,
            given_up: 1,
            oldest_seconds: 60,
        };
        let pool = PoolState { open: 5, idle: 4 };
        let indexes = IndexFigures {
            accounts: 2,
            bytes: 4_096,
            at_hand: 10,
            unchanged: 1,
            changed: 3,
            made: 2,
            given_up: 1,
        };
        let webhooks = WebhooksView {
            on: 4,
            off: vec![(SwitchedOff::Gone, 1), (SwitchedOff::Failing, 2)],
            waiting: 7,
            oldest_seconds: 30,
        };
        let mut figures = Figures {
            outbox,
            webhooks,
            pool,
            hears_others: true,
            streams: 3,
            indexes,
        };
        metrics.page(&figures).expect("a page");
        figures.indexes.at_hand = 12;
        let page = metrics.page(&figures).expect("a page");
        let page = String::from_utf8(page).expect("text");
        for line in [
            r#"accord_http_requests_total{operation="get_member",status="200"} 1"#,
            r#"accord_http_requests_total{operation="get_member",status="404"} 1"#,
            r#"accord_http_requests_total{operation="other",status="200"} 1"#,
            r#"accord_http_request_duration_seconds_bucket{operation="get_member",le="0.005"} 2"#,
            r#"accord_outbox_mails{state="waiting"} 2"#,
            "accord_outbox_oldest_seconds 60",
            r#"accord_webhooks{state="on"} 4"#,
            r#"accord_webhooks{state="off_failing"} 2"#,
            "accord_webhook_deliveries_waiting 7",
            "accord_webhook_deliveries_oldest_seconds 30",
            "accord_hears_other_instances 1",
            r#"accord_database_connections{state="idle"} 4"#,
            "accord_event_streams 3",
            "accord_access_indexes 2",
            "accord_access_index_bytes 4096",
            r#"accord_access_index_uses_total{outcome="at_hand"} 12"#,
            r#"accord_access_index_uses_total{outcome="changed"} 3"#,
            "accord_access_indexes_given_up_total 1",
        ] {
            assert!(page.contains(line), "{line}:\n{page}");
        }
    }
}
