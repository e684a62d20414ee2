"""E-mail: facts and a language become a subject, HTML and text, and leave by SMTP."""
