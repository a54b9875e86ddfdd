//! The two schemas: alike, and up and down.

use crate::support::{account, new_id, now, read, write};
use accord_store::tasks::{self, Seen, Task, TaskFilter};
use accord_store::{Db, Page, StoreError};
use accord_testkit::databases::TestDatabase;
use diesel::connection::SimpleConnection;
use diesel::deserialize::QueryableByName;
use diesel::pg::PgConnection;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, RunQueryDsl, sql_query};
use std::collections::BTreeSet;
use std::thread;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Each query gives lines in the same words on both databases.
const SQLITE_TABLES: &str = "SELECT m.name || '.' || p.name || ' ' || lower(p.type) ||
    CASE WHEN p.\"notnull\" THEN ' required' ELSE '' END AS line
    FROM sqlite_master m JOIN pragma_table_info(m.name) p
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '__diesel%'";

const POSTGRES_TABLES: &str = "SELECT table_name || '.' || column_name || ' ' ||
    CASE data_type
        WHEN 'uuid' THEN 'blob' WHEN 'bytea' THEN 'blob'
        WHEN 'text' THEN 'text' WHEN 'json' THEN 'text'
        WHEN 'timestamp with time zone' THEN 'text'
        WHEN 'bigint' THEN 'integer' WHEN 'integer' THEN 'integer' WHEN 'boolean' THEN 'integer'
        ELSE data_type END ||
    CASE WHEN is_nullable = 'NO' THEN ' required' ELSE '' END AS line
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'";

const SQLITE_INDEXES: &str = "SELECT m.name || '(' ||
    (SELECT group_concat(name, ', ')
        FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) || ')' ||
    CASE WHEN l.\"unique\" THEN ' unique' ELSE '' END ||
    CASE WHEN l.partial THEN ' partial' ELSE '' END AS line
    FROM sqlite_master m JOIN pragma_index_list(m.name) l
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '__diesel%'";

const POSTGRES_INDEXES: &str = "SELECT t.relname || '(' ||
    (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
        FROM unnest(x.indkey::int2[]) WITH ORDINALITY k(number, place)
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) || ')' ||
    CASE WHEN x.indisunique THEN ' unique' ELSE '' END ||
    CASE WHEN x.indpred IS NOT NULL THEN ' partial' ELSE '' END AS line
    FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname = 'public' AND t.relname NOT LIKE '\\_\\_diesel%'";

const SQLITE_REFERENCES: &str = "SELECT m.name || '(' ||
    group_concat(f.\"from\", ', ' ORDER BY f.seq) || ') to ' || f.\"table\" || '(' ||
    group_concat(f.\"to\", ', ' ORDER BY f.seq) || ') ' || lower(f.on_delete) AS line
    FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
    WHERE m.type = 'table' GROUP BY m.name, f.id";

const POSTGRES_REFERENCES: &str = "SELECT t.relname || '(' ||
    (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
        FROM unnest(c.conkey) WITH ORDINALITY k(number, place)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number) || ') to ' ||
    r.relname || '(' ||
    (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
        FROM unnest(c.confkey) WITH ORDINALITY k(number, place)
        JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number) || ') ' ||
    CASE c.confdeltype WHEN 'a' THEN 'no action' WHEN 'c' THEN 'cascade'
        WHEN 'n' THEN 'set null' WHEN 'r' THEN 'restrict' ELSE 'set default' END AS line
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    JOIN pg_class r ON r.oid = c.confrelid WHERE c.contype = 'f'";

/// Names by which broken uniqueness rules are told apart, where the database gives them.
const POSTGRES_UNIQUE_NAMES: &str = "SELECT i.relname AS line
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname = 'public' AND x.indisunique AND NOT x.indisprimary";

const SQLITE_UNIQUE_NAMES: &str = "SELECT l.name AS line
    FROM sqlite_master m JOIN pragma_index_list(m.name) l
    WHERE m.type = 'table' AND l.\"unique\" AND l.origin <> 'pk'
        AND l.name NOT LIKE 'sqlite_autoindex_groups%'";

fn sqlite(database: &TestDatabase) -> SqliteConnection {
    let path = database.url().trim_start_matches("sqlite://");
    SqliteConnection::establish(path).expect("it opens")
}

fn postgres(database: &TestDatabase) -> PgConnection {
    PgConnection::establish(database.url()).expect("it opens")
}

fn sqlite_lines(database: &TestDatabase, query: &str) -> BTreeSet<String> {
    let lines: Vec<Line> = sql_query(query)
        .load(&mut sqlite(database))
        .expect("a query");
    lines.into_iter().map(|line| line.line).collect()
}

fn postgres_lines(database: &TestDatabase, query: &str) -> BTreeSet<String> {
    let lines: Vec<Line> = sql_query(query)
        .load(&mut postgres(database))
        .expect("a query");
    lines.into_iter().map(|line| line.line).collect()
}

fn differences(sqlite: &BTreeSet<String>, postgres: &BTreeSet<String>) -> Vec<String> {
    let only_in_one = sqlite.symmetric_difference(postgres);
    only_in_one.cloned().collect()
}

#[test]
fn both_schemas_are_alike() {
    let (in_sqlite, in_postgres) = (TestDatabase::sqlite(), TestDatabase::postgres());
    for (of_sqlite, of_postgres, at_least) in [
        (SQLITE_TABLES, POSTGRES_TABLES, 120),
        (SQLITE_INDEXES, POSTGRES_INDEXES, 40),
        (SQLITE_REFERENCES, POSTGRES_REFERENCES, 20),
    ] {
        let left = sqlite_lines(&in_sqlite, of_sqlite);
        let right = postgres_lines(&in_postgres, of_postgres);
        assert_eq!(differences(&left, &right), Vec::<String>::new());
        assert!(left.len() >= at_least, "{left:#?}");
    }
}

#[test]
fn every_uniqueness_rule_has_a_name() {
    let database = TestDatabase::postgres();
    for name in postgres_lines(&database, POSTGRES_UNIQUE_NAMES) {
        assert!(name.ends_with("_unique"), "{name}");
    }
    let in_sqlite = sqlite_lines(&TestDatabase::sqlite(), SQLITE_UNIQUE_NAMES);
    for name in in_sqlite {
        assert!(name.ends_with("_unique"), "{name}");
    }
}

#[test]
fn keys_are_compared_byte_by_byte_on_postgres() {
    let query = "SELECT table_name || '.' || column_name AS line FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'
        AND column_name LIKE '%key' AND collation_name IS DISTINCT FROM 'C'";
    let database = TestDatabase::postgres();
    assert_eq!(postgres_lines(&database, query), BTreeSet::new());
}

#[test]
fn every_table_of_sqlite_is_strict() {
    let query = "SELECT name AS line FROM pragma_table_list
        WHERE schema = 'main' AND type = 'table' AND NOT strict
        AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '__diesel%'";
    assert_eq!(
        sqlite_lines(&TestDatabase::sqlite(), query),
        BTreeSet::new()
    );
}

const SQLITE_EVERYTHING: &str = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line
    FROM sqlite_master WHERE name NOT LIKE '%diesel%'";

const POSTGRES_EVERYTHING: &str = "SELECT 'function ' || proname AS line FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public'
    UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'relation ' || relname FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND relname NOT LIKE '%diesel%'";

fn up_and_down(db: &Db, everything: impl Fn() -> BTreeSet<String>) {
    assert_eq!(everything(), BTreeSet::new());
    db.migrate().expect("up");
    let first = everything();
    assert!(first.len() > 30);
    account(db, "ann@example.com");
    db.migrate().expect("there is nothing to do");
    db.revert_all().expect("down, rows or not");
    assert_eq!(everything(), BTreeSet::new());
    db.migrate().expect("up again");
    assert_eq!(everything(), first);
}

#[test]
fn sqlite_migrates_up_and_down() {
    let database = TestDatabase::empty_sqlite();
    up_and_down(&database.connect(), || {
        sqlite_lines(&database, SQLITE_EVERYTHING)
    });
}

#[test]
fn postgres_migrates_up_and_down() {
    let database = TestDatabase::empty_postgres();
    up_and_down(&database.connect(), || {
        postgres_lines(&database, POSTGRES_EVERYTHING)
    });
}

#[test]
fn instances_that_start_at_once_migrate_once() {
    for database in [TestDatabase::empty_sqlite(), TestDatabase::empty_postgres()] {
        // Each its own pool, as two processes would have.
        let instances: Vec<Db> = (0..4).map(|_| database.connect()).collect();
        thread::scope(|scope| {
            for db in &instances {
                scope.spawn(|| db.migrate().expect("one does it, the others wait"));
            }
        });
        account(&instances[0], "ann@example.com");
    }
}

#[test]
fn an_older_program_refuses_a_newer_schema() {
    const NEWER: &str =
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')";
    let (in_sqlite, in_postgres) = (TestDatabase::sqlite(), TestDatabase::postgres());
    sqlite(&in_sqlite)
        .batch_execute(NEWER)
        .expect("it is noted");
    postgres(&in_postgres)
        .batch_execute(NEWER)
        .expect("it is noted");
    for database in [in_sqlite, in_postgres] {
        let refused = database.connect().migrate();
        assert!(
            matches!(refused, Err(StoreError::NewerSchema(_))),
            "{refused:?}"
        );
    }
}

fn one_task(db: &Db) -> accord_domain::ids::AccountId {
    let account_id = account(db, "ann@example.com").id;
    let task = Task {
        id: new_id(),
        account_id,
        at: now(),
        actor_id: None,
        actor_name: "Ann".to_owned(),
        action: "member.invite".to_owned(),
        member_id: None,
        environment_id: None,
        item: None,
        before: None,
        after: None,
        means: "session".to_owned(),
        request_id: String::new(),
        network_address: String::new(),
        token: None,
        names: None,
    };
    write(db, |tx| tasks::append(tx, &task));
    account_id
}

fn refuses_to_forget(
    database: &TestDatabase,
    statements: &[&str],
    mut run: impl FnMut(&str) -> diesel::QueryResult<()>,
) {
    let db = database.connect();
    let account = one_task(&db);
    for statement in statements {
        let refused = run(statement).expect_err("tasks stay as they are");
        assert!(
            refused.to_string().contains("append-only"),
            "{statement}: {refused}"
        );
    }
    let kept = read(&db, |tx| {
        let filter = TaskFilter::default();
        tasks::page(tx, account, Seen::Everything, &filter, &Page::first(5))
    });
    assert_eq!(kept.items[0].action, "member.invite");
}

#[test]
fn sqlite_tasks_are_append_only() {
    let database = TestDatabase::sqlite();
    let statements = [
        "UPDATE tasks SET action = 'x'",
        "DELETE FROM tasks",
        "INSERT OR REPLACE INTO tasks SELECT id, account_id, at, actor_id, actor_name, 'x', member_id, \
         environment_id, item, before, after, means, request_id, network_address, token, names FROM tasks",
    ];
    refuses_to_forget(&database, &statements, |statement| {
        sqlite(&database).batch_execute(statement)
    });
}

#[test]
fn postgres_tasks_are_append_only() {
    let database = TestDatabase::postgres();
    let statements = [
        "UPDATE tasks SET action = 'x'",
        "DELETE FROM tasks",
        "TRUNCATE tasks",
    ];
    refuses_to_forget(&database, &statements, |statement| {
        postgres(&database).batch_execute(statement)
    });
}
