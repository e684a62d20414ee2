"""The lives of orders and subscriptions, as durable workflows."""
