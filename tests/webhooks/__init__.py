"""Tests of petition/webhooks"""
