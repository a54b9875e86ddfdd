DROP INDEX webhook_deliveries_webhook_status;
DROP TABLE webhook_attempts;
