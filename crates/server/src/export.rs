//! The record as a file, written piece by piece.

use accord_api_types::{ExportFormat, Task};
use serde_json::Value;

/// A file that is being written.
#[derive(Debug)]
pub(crate) struct Sheet {
    format: ExportFormat,
    begun: bool,
}

/// By this spreadsheet programs know that the text is UTF-8. Programs are better served by the other
/// format, which has none.
const BYTE_ORDER_MARK: &str = "\u{feff}";

const COLUMNS: [&str; 18] = [
    "at",
    "action",
    "actor",
    "actor_id",
    "actor_email",
    "means",
    "token",
    "item_kind",
    "item",
    "item_id",
    "environment_id",
    "member_id",
    "before",
    "after",
    "names",
    "request_id",
    "network_address",
    "id",
];

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SheetError {
    #[error("CSV: {0}")]
    Csv(#[from] csv::Error),
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("CSV: {0}")]
    Unfinished(String),
}

impl Sheet {
    pub(crate) fn new(format: ExportFormat) -> Self {
        Self {
            format,
            begun: false,
        }
    }

    pub(crate) const fn media_type(format: ExportFormat) -> &'static str {
        match format {
            ExportFormat::Csv => "text/csv; charset=utf-8; header=present",
            ExportFormat::Ndjson => "application/x-ndjson",
        }
    }

    /// The next piece; the first begins the file.
    pub(crate) fn write(&mut self, tasks: &[Task]) -> Result<Vec<u8>, SheetError> {
        let first = !std::mem::replace(&mut self.begun, true);
        match self.format {
            ExportFormat::Csv => write_csv(first, tasks),
            ExportFormat::Ndjson => write_lines(tasks),
        }
    }
}

fn write_lines(tasks: &[Task]) -> Result<Vec<u8>, SheetError> {
    let mut text = Vec::new();
    for task in tasks {
        serde_json::to_writer(&mut text, task)?;
        text.push(b'\n');
    }
    Ok(text)
}

fn write_csv(first: bool, tasks: &[Task]) -> Result<Vec<u8>, SheetError> {
    let mut text = Vec::new();
    if first {
        text.extend_from_slice(BYTE_ORDER_MARK.as_bytes());
    }
    let mut sheet = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(text);
    if first {
        sheet.write_record(COLUMNS)?;
    }
    for task in tasks {
        sheet.write_record(row(task).map(harmless))?;
    }
    sheet
        .into_inner()
        .map_err(|error| SheetError::Unfinished(error.to_string()))
}

fn row(task: &Task) -> [String; COLUMNS.len()] {
    let actor = task.actor.as_ref();
    let item = task.item.as_ref();
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let facts = |facts: &Option<Value>| facts.as_ref().map(Value::to_string).unwrap_or_default();
    [
        task.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        task.action.clone(),
        actor.map(|actor| actor.name.clone()).unwrap_or_default(),
        id(actor.and_then(|actor| actor.id)),
        actor
            .and_then(|actor| actor.email.clone())
            .unwrap_or_default(),
        task.means.clone(),
        task.token
            .as_ref()
            .map(|token| token.name.clone())
            .unwrap_or_default(),
        item.map(|item| item.kind.clone()).unwrap_or_default(),
        item.map(|item| item.name.clone()).unwrap_or_default(),
        id(item.map(|item| item.id)),
        id(task.environment_id),
        id(task.member_id),
        facts(&task.before),
        facts(&task.after),
        if task.names.is_empty() {
            String::new()
        } else {
            serde_json::json!(task.names).to_string()
        },
        task.request_id.clone().unwrap_or_default(),
        task.network_address.clone().unwrap_or_default(),
        task.id.to_string(),
    ]
}

/// A cell that no spreadsheet takes for a formula: names come from people, and some mean harm. Where
/// the comma is for decimals, programs split at semicolons or tabs instead and see no quotes but at the
/// beginning of what they split, so what comes after such a mark or a new line begins a cell too.
fn harmless(cell: String) -> String {
    let mut safe = String::with_capacity(cell.len() + 1);
    let mut rest = cell.as_str();
    if rest.starts_with(['\t', '\r', '\n']) {
        safe.push('\'');
    }
    loop {
        if rest.trim_start_matches(['"', ' ']).starts_with(FORMULA) {
            safe.push('\'');
        }
        let Some(end) = rest.find(SPLIT) else {
            safe.push_str(rest);
            return safe;
        };
        // Each of these is one byte long.
        let (piece, after) = rest.split_at(end + 1);
        safe.push_str(piece);
        rest = after;
    }
}

/// By these a formula begins, in some program at least.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// At these a program may begin another cell.
const SPLIT: [char; 4] = [';', '\t', '\r', '\n'];

#[cfg(test)]
mod tests {
    use super::*;
    use accord_api_types::{TaskActor, TaskItem};
    use serde_json::json;
    use uuid::Uuid;

    fn task(actor: &str, item: &str) -> Task {
        Task {
            id: Uuid::nil(),
            at: chrono::DateTime::UNIX_EPOCH,
            action: "environment.update".into(),
            actor: Some(TaskActor {
                id: None,
                name: actor.into(),
                email: Some(format!("{actor}@example.com")),
            }),
            means: "session".into(),
            item: Some(TaskItem {
                kind: "environment".into(),
                id: Uuid::nil(),
                name: item.into(),
            }),
            environment_id: Some(Uuid::nil()),
            member_id: None,
            before: None,
            after: Some(json!({ "name": item })),
            names: [(Uuid::nil(), item.to_owned())].into(),
            request_id: None,
            network_address: None,
            token: None,
        }
    }

    fn written(format: ExportFormat, pieces: &[&[Task]]) -> String {
        let mut sheet = Sheet::new(format);
        let bytes: Vec<u8> = pieces
            .iter()
            .flat_map(|tasks| sheet.write(tasks).expect("written"))
            .collect();
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn every_cell_comes_back_as_it_was() {
        let odd = "a \"b\", c; é\r\nnext line 😀";
        let text = written(
            ExportFormat::Csv,
            &[&[task("Ada", odd)], &[], &[task("Bob", "shop")]],
        );
        let text = text.strip_prefix(BYTE_ORDER_MARK).expect("a mark");
        assert!(text.contains("\r\n"), "lines end as RFC 4180 says");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().expect("a head"), &COLUMNS[..]);
        let rows: Vec<csv::StringRecord> =
            reader.records().map(|row| row.expect("a row")).collect();
        assert_eq!(rows.len(), 2);
        let cell = |row: usize, name: &str| {
            let at = COLUMNS.iter().position(|column| *column == name);
            rows[row][at.expect("a column")].to_owned()
        };
        assert_eq!(cell(0, "actor"), "Ada");
        assert_eq!(cell(0, "actor_email"), "Ada@example.com");
        assert_eq!(cell(0, "item"), odd);
        assert_eq!(cell(0, "after"), json!({ "name": odd }).to_string());
        assert_eq!(
            cell(0, "names"),
            json!({ Uuid::nil().to_string(): odd }).to_string()
        );
        assert_eq!(cell(0, "at"), "1970-01-01T00:00:00.000000Z");
        assert_eq!(cell(1, "item"), "shop");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for formula in [
            "=1+1",
            "+49",
            "-2",
            "@SUM(A1)",
            "\tx",
            "\rx",
            "＝1+1",
            "=HYPERLINK(\"http://evil.test\")",
        ] {
            let text = written(ExportFormat::Csv, &[&[task(formula, "x")]]);
            let text = text.strip_prefix(BYTE_ORDER_MARK).expect("a mark");
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let row = reader.records().next().expect("a row").expect("a row");
            assert_eq!(&row[2], format!("'{formula}"));
            assert_eq!(&row[4], format!("'{formula}@example.com"));
        }
    }

    #[test]
    fn no_part_of_a_cell_is_a_formula_where_semicolons_split() {
        for (cell, safe) in [
            ("a;=1+1", "a;'=1+1"),
            ("a;b;@x", "a;b;'@x"),
            ("a\t=1", "a\t'=1"),
            ("a; -2", "a;' -2"),
            ("a;\"=1;b", "a;'\"=1;b"),
            ("a\r\n+1", "a\r\n'+1"),
            ("=1;=2", "'=1;'=2"),
            ("a;", "a;"),
            ("a;b=1", "a;b=1"),
            ("é;ü", "é;ü"),
        ] {
            assert_eq!(harmless(cell.to_owned()), safe);
        }
    }

    #[test]
    fn an_empty_export_has_its_head_or_nothing() {
        let csv = written(ExportFormat::Csv, &[&[]]);
        assert_eq!(csv.lines().count(), 1, "{csv}");
        assert_eq!(written(ExportFormat::Ndjson, &[&[]]), "");
    }

    #[test]
    fn each_line_is_an_entry() {
        let text = written(
            ExportFormat::Ndjson,
            &[&[task("Ada", "a\nb")], &[task("=1", "c")]],
        );
        let lines: Vec<Task> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("an entry"))
            .collect();
        assert_eq!(lines, [task("Ada", "a\nb"), task("=1", "c")]);
    }
}
