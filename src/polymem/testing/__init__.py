"""Shipped for testing what is built on Polymem: fakes, conformance suites, cases in Chinese and English."""
