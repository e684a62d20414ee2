"""The contracts between workflows and activities, by capability: typed references, requests and answers.

Workflows import these modules, so the modules import little. No personal data passes here, only party ids.
"""
