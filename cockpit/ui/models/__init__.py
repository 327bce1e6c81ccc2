"""What panels show, as data: column tables, rows and their words. No widget here."""
