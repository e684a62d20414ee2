"""The lifecycles of orders and subscriptions as durable workflows."""
