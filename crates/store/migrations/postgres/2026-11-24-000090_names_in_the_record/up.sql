-- What the ids before and after were called then, by id.
ALTER TABLE tasks ADD COLUMN names json;
