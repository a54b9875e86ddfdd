-- How many wait, and since when, is asked for the metrics.
CREATE INDEX webhook_deliveries_status_created ON webhook_deliveries (status, created_at);
