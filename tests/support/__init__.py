"""What several test suites share: processes, sites, raw requests, canaries."""
