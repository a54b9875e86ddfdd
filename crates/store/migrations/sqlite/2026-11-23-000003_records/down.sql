DROP TABLE meta;
DROP TABLE outbox;
DROP TABLE tasks;
