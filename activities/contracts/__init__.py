"""What workflows and activities say to each other, by capability: typed references, requests and answers.

Import-thin, since workflows import these modules. No personal data passes here, only party ids.
"""
