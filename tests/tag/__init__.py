"""Tests of the browser tag in real Chromium."""
