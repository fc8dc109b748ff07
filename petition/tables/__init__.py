"""The same rows as tables: CSV, JSON lines, an Excel workbook; and their numbers as a summary with drawings."""
