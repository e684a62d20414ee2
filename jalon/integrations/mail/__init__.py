"""E-mail: renders facts in a language as subject, HTML and text, and sends them by SMTP."""
