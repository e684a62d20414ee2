"""Export compliance: countries, certificates and what screening decides."""
