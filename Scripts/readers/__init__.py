"""Reads one file with several programs and says where they disagree."""
