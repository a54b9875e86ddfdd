ALTER TABLE tasks DROP COLUMN token;
DROP TABLE platform_tokens;
DROP TABLE api_tokens;
