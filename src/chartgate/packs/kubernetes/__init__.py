"""Invariants of any chart: a folder for each part of a release, a module for each idea.

Folders import each other's policies where one judges by another; what several of them need stands here.
"""
